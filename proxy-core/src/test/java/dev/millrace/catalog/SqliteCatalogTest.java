package dev.millrace.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.StoredArtifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on SQLite, and what is special about the file. */
final class SqliteCatalogTest extends CatalogContract {
  private static final ArtifactKey KEY = new ArtifactKey("gen", "k");

  private final Path file;
  private final Catalog catalog;

  SqliteCatalogTest(@TempDir Path folder) {
    file = folder.resolve("catalog.db");
    catalog = SqliteCatalog.open(file);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Override
  Catalog catalog() {
    return catalog;
  }

  @Test
  void reopened_knowsWhatWasStored() {
    catalog.store(List.of(artifact(KEY, digest(1), 10, 5)));
    catalog.close();
    try (Catalog again = SqliteCatalog.open(file)) {
      assertThat(again.find(KEY)).contains(artifact(KEY, digest(1), 10, 5));
    }
  }

  @Test
  void journal_isAWriteAheadLog() throws SQLException {
    assertThat(Files.exists(Path.of(file + "-wal"))).isTrue();
    catalog.store(List.of(artifact(KEY, digest(1), 10, 5)));
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
        assertThat(mode.getString(1)).isEqualTo("wal");
      }
    }
  }

  @Test
  void schemaOfANewerRelease_isRefusedAndLeftAsItIs() throws SQLException, IOException {
    catalog.close();
    execute(
        "INSERT INTO flyway_schema_history VALUES"
            + " (4, '4', 'later', 'SQL', 'V4__later.sql', 0, 'x', CURRENT_TIMESTAMP, 1, 1)");
    byte[] before = Files.readAllBytes(file);

    assertThatThrownBy(() -> SqliteCatalog.open(file))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("has schema version 4")
        .hasMessageContaining("knows versions up to 3");

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void databaseOfTheFirstRelease_isBroughtUpToDate_withItsRows(@TempDir Path folder)
      throws SQLException {
    Path old = folder.resolve("old.db");
    Flyway.configure(SqliteCatalogTest.class.getClassLoader())
        .dataSource("jdbc:sqlite:" + old, null, null)
        .locations("classpath:db/migration")
        .target("1")
        .load()
        .migrate();
    StoredArtifact stored = artifact(KEY, digest(1), 10, 5);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + old)) {
      fillFirstRelease(connection, stored);
    }

    try (Catalog now = SqliteCatalog.open(old)) {
      assertKnowsTheFirstRelease(now, stored);
    }
  }

  @Test
  void fileThatIsNoDatabase_isRefusedWithItsName(@TempDir Path folder) throws IOException {
    Path other = Files.writeString(folder.resolve("notes.db"), "not a database ".repeat(100));
    assertThatThrownBy(() -> SqliteCatalog.open(other))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("notes.db");
  }

  @Test
  void hotQueries_runOnIndexes() throws SQLException {
    assertThat(plan(Sql.FIND)).noneMatch(step -> step.startsWith("SCAN"));
    assertThat(plan(Sql.DIGESTS_OF_KEYS)).noneMatch(step -> step.contains("SCAN artifacts"));
    assertThat(plan(Sql.LEAST_RECENTLY_USED))
        .anyMatch(step -> step.startsWith("SCAN a USING INDEX artifacts_by_last_access"))
        .noneMatch(step -> step.contains("TEMP B-TREE"));
    assertThat(plan(Sql.LIST_BLOBS)).noneMatch(step -> step.startsWith("SCAN"));
    assertThat(plan(Sql.REMOVE_UNNAMED_BLOB)).noneMatch(step -> step.startsWith("SCAN"));
  }

  private List<String> plan(String statement) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement query = connection.prepareStatement("EXPLAIN QUERY PLAN " + statement);
        ResultSet rows = query.executeQuery()) {
      List<String> steps = new ArrayList<>();
      while (rows.next()) {
        steps.add(rows.getString("detail"));
      }
      return steps;
    }
  }

  @Override
  void plantAFailure() throws SQLException {
    execute(
        "CREATE TRIGGER no_second BEFORE INSERT ON artifacts WHEN NEW.path = 'second'"
            + " BEGIN SELECT RAISE(ABORT, 'planted'); END");
  }

  @Override
  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }
}
