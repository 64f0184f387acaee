package dev.millrace.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.CatalogSettings;
import dev.millrace.storage.DataDirId;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on PostgreSQL, and what is special about a server. */
abstract class PostgresContract extends CatalogContract {
  private static final ArtifactKey KEY = new ArtifactKey("gen", "k");
  private static final int RACES = 1000;

  private final PostgresServer server;
  private final Path folder;
  private final CatalogSettings settings;
  private final Catalog catalog;

  PostgresContract(PostgresServer.Version version, Path folder) throws Exception {
    this.folder = folder;
    server = PostgresServer.shared(version);
    settings = server.newMigratedDatabase();
    catalog = PostgresCatalog.open(settings, PostgresServer.RUN);
  }

  private static Catalog open(CatalogSettings settings, Path folder) throws IOException {
    return PostgresCatalog.open(settings, fresh -> DataDirId.of(folder, fresh));
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Override
  final Catalog catalog() {
    return catalog;
  }

  @Override
  final Connection connect() throws SQLException {
    return PostgresServer.connect(settings);
  }

  @Override
  final void plantAFailure() throws SQLException {
    execute("ALTER TABLE artifacts ADD CONSTRAINT planted CHECK (path <> 'second')");
  }

  @Test
  void emptyDatabase_getsTheSchema_andKnowsWhatWasStoredWhenItIsReopened() throws Exception {
    CatalogSettings empty = server.newDatabase();
    try (Catalog fresh = open(empty, folder)) {
      fresh.store(List.of(artifact(KEY, digest(1), 10, 5)));
    }
    try (Catalog again = open(empty, folder)) {
      assertThat(again.find(KEY)).contains(artifact(KEY, digest(1), 10, 5));
    }
  }

  @Test
  void databaseOfTheFirstRelease_isBroughtUpToDate_withItsRows() throws Exception {
    CatalogSettings old = server.newDatabase();
    Flyway.configure(PostgresContract.class.getClassLoader())
        .dataSource(PostgresDatabase.unpooled(old))
        .locations(Migrations.COMMON, Migrations.POSTGRESQL)
        .target("1")
        .load()
        .migrate();
    StoredArtifact stored = artifact(KEY, digest(1), 10, 5);
    try (Connection connection = PostgresServer.connect(old)) {
      fillFirstRelease(connection, stored);
    }

    try (Catalog now = open(old, folder)) {
      assertKnowsTheFirstRelease(now, stored);
    }
  }

  @Test
  void schemaOfANewerRelease_isRefused() throws SQLException {
    catalog.close();
    execute(
        "INSERT INTO flyway_schema_history VALUES"
            + " (99, '99', 'later', 'SQL', 'V99__later.sql', 0, 'x', CURRENT_TIMESTAMP, 1, true)");

    assertThatThrownBy(() -> open(settings, folder))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("has schema version 99")
        .hasMessageContaining(settings.url().toString());
  }

  @Test
  void anotherDataFolder_isRefused_andTakesNothingAway(@TempDir Path other) throws Exception {
    CatalogSettings owned = server.newDatabase();
    try (Catalog first = open(owned, folder)) {
      first.store(List.of(artifact(KEY, digest(1), 10, 5)));

      assertThatThrownBy(() -> open(owned, other))
          .isInstanceOf(CatalogException.class)
          .hasMessageContaining("belongs to another data folder")
          .hasMessageContaining(owned.url().toString());

      first.store(List.of(artifact(KEY, digest(2), 10, 6)));
      assertThat(first.find(KEY)).isPresent();
    }
  }

  /** A copy of the folder started elsewhere: the lock on the folder does not reach it. */
  @Test
  void processStartedLater_writes_andTheOneBeforeItNoMore() throws Exception {
    CatalogSettings owned = server.newDatabase();
    try (Catalog before = open(owned, folder);
        Catalog later = open(owned, folder)) {
      later.store(List.of(artifact(KEY, digest(2), 20, 6)));

      assertTakenOver(() -> before.store(List.of(artifact(KEY, digest(3), 30, 7))));
      assertTakenOver(() -> before.removeBlob(digest(2)));
      assertTakenOver(() -> before.touch(Map.of(KEY, new Access(1, 9))));
      assertTakenOver(() -> before.refresh(artifact(KEY, digest(2), 20, 6)));

      assertThat(later.find(KEY)).contains(artifact(KEY, digest(2), 20, 6));
      assertThat(before.counters().out()).isFalse();
    }
  }

  private static void assertTakenOver(ThrowingCallable write) {
    assertThatThrownBy(write)
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("another process has taken over");
  }

  @Test
  void databaseOfAnotherEncoding_isRefused() throws SQLException {
    CatalogSettings latin =
        server.newDatabase("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");

    assertThatThrownBy(() -> open(latin, folder))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("LATIN1");
  }

  @Test
  void longestKeyThatCanBeHeld_isHeld() {
    // Of letters that do not compress: the index has the key as it is.
    Random random = new Random(7);
    StringBuilder path = new StringBuilder("p");
    ArtifactKey key = new ArtifactKey("gen", path.toString());
    while (catalog.canHold(new ArtifactKey("gen", path + "\u20ac"))) {
      path.append((char) ('!' + random.nextInt(90)));
      key = new ArtifactKey("gen", path.toString());
    }

    catalog.store(List.of(artifact(key, digest(1), 10, 5)));

    assertThat(catalog.find(key)).isPresent();
    assertThat(path.length()).isBetween(2400, 2500);
    assertThat(catalog.find(new ArtifactKey("gen", "x".repeat(60_000)))).isEmpty();
  }

  /** Two catalogs, as two threads of one are: never a row without its blob, nor a blob without. */
  @Test
  void racingWriters_neverLeaveARowWithoutItsBlob_norABlobWithoutARow() throws Exception {
    long seed = Long.getLong("catalog.seed", System.nanoTime());
    System.out.println("catalog.seed=" + seed);
    try (Catalog other = PostgresCatalog.open(settings, PostgresServer.RUN);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        Catalog own = writer % 2 == 0 ? catalog : other;
        Random random = new Random(seed + writer);
        ends.add(
            threads.submit(() -> {
              for (int i = 0; i < RACES / 4; i++) {
                race(own, random);
              }
            }));
      }
      for (Future<?> end : ends) {
        end.get(100, TimeUnit.SECONDS);
      }
    }
    assertNothingDangles();
  }

  private static void race(Catalog catalog, Random random) {
    if (random.nextInt(3) == 0) {
      catalog.removeBlob(digest(random.nextInt(4)));
      return;
    }
    List<StoredArtifact> some = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      ArtifactKey key = new ArtifactKey("gen", "k" + random.nextInt(4));
      some.add(artifact(key, digest(random.nextInt(4)), 1, 1));
    }
    catalog.store(some);
  }

  @Test
  void hotQueries_runOnIndexes() throws SQLException {
    execute(
        """
        INSERT INTO blobs
        SELECT lpad(to_hex(n), 64, '0'), n, 0 FROM generate_series(1, 20000) n
        """);
    execute(
        """
        INSERT INTO artifacts (remote, path, sha256, proof, stored_at, validated_at, expires_at,
                               last_access, first_seen)
        SELECT 'gen', n::text, lpad(to_hex(n), 64, '0'), 'length', 0, 0, 0, n, 0
        FROM generate_series(1, 20000) n
        """);
    execute("ANALYZE");

    for (String query :
        List.of(
            Sql.FIND,
            Sql.DIGESTS_OF_KEYS,
            Sql.LEAST_RECENTLY_USED,
            Sql.LIST_BLOBS,
            Sql.LIST_KEYS,
            Sql.REMOVE_UNNAMED_BLOB,
            Sql.REMOVE_ARTIFACTS_OF_BLOB,
            Sql.TOUCH)) {
      assertThat(plan(query)).as(query).noneMatch(step -> step.contains("Seq Scan"));
    }
  }

  /** As the server would run it for values that it does not know. */
  private List<String> plan(String query) throws SQLException {
    String numbered = query;
    for (int n = 1; numbered.contains("?"); n++) {
      numbered = numbered.replaceFirst("\\?", "\\$" + n);
    }
    long count = query.chars().filter(c -> c == '?').count();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET plan_cache_mode = force_generic_plan");
      statement.execute("PREPARE asked AS " + numbered);
      String nulls = String.join(", ", Collections.nCopies((int) count, "NULL"));
      try (PreparedStatement explain =
              connection.prepareStatement("EXPLAIN EXECUTE asked(" + nulls + ")");
          ResultSet rows = explain.executeQuery()) {
        List<String> steps = new ArrayList<>();
        while (rows.next()) {
          steps.add(rows.getString(1));
        }
        return steps;
      }
    }
  }
}
