package dev.millrace.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.config.CatalogSettings;
import dev.millrace.config.Limits;
import dev.millrace.storage.DataDirId;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server goes away and comes back under a catalog that stays open. */
final class PostgresOutageTest {
  private static final ArtifactKey KEY = new ArtifactKey("gen", "k");
  private static final Duration BACK = Limits.CATALOG_PROBE.multipliedBy(20);

  @TempDir private static Path serverFolder;
  private static PostgresServer server;

  private final CatalogSettings settings;
  private final Catalog catalog;

  PostgresOutageTest(@TempDir Path folder) throws Exception {
    CatalogSettings given = server.newDatabase();
    settings =
        new CatalogSettings(
            given.url(), given.username(), "", null, given.connections(), Duration.ofMillis(300));
    catalog = PostgresCatalog.open(settings, fresh -> DataDirId.of(folder, fresh));
    catalog.store(List.of(CatalogContract.artifact(KEY, CatalogContract.digest(1), 10, 5)));
  }

  @BeforeAll
  static void startServer() {
    server = PostgresServer.in(serverFolder.resolve("data"));
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void serverThatStops_failsCallsAtOnce_andIsUsedAgainWhenItIsBack() throws Exception {
    server.stop();

    assertThatThrownBy(() -> catalog.find(KEY)).isInstanceOf(CatalogException.class);
    for (int i = 0; i < 1000; i++) {
      // Each of them would wait for a connection if the loss were not known.
      CatalogException refused =
          catchThrowableOfType(CatalogException.class, () -> catalog.find(KEY));
      assertThat(refused.effect()).isEqualTo(CatalogException.Effect.NONE_OUT);
    }
    assertThatThrownBy(catalog::check).isInstanceOf(CatalogException.class);
    assertThatThrownBy(() -> catalog.touch(Map.of(KEY, new Access(1, 9))))
        .extracting(e -> ((CatalogException) e).isOutage())
        .isEqualTo(true);
    assertThat(catalog.counters().out()).isTrue();
    assertThat(catalog.counters().losses()).isEqualTo(1);

    server.startAgain();
    await().atMost(BACK).until(() -> !catalog.counters().out());

    assertThat(catalog.find(KEY)).isPresent();
    catalog.store(List.of(CatalogContract.artifact(KEY, CatalogContract.digest(2), 10, 5)));
    assertThat(catalog.counters().losses()).isEqualTo(1);
  }

  /** What an administrator, or a firewall, does: the server itself is well. */
  @Test
  void connectionsThatAreEnded_costOneCall() throws SQLException {
    endConnections();

    try {
      catalog.find(KEY);
    } catch (CatalogException e) {
      assertThat(e.isOutage()).isTrue();
    }

    await().atMost(BACK).until(() -> !catalog.counters().out());
    assertThat(catalog.find(KEY)).isPresent();
  }

  private void endConnections() throws SQLException {
    try (Connection connection = PostgresServer.connect(settings);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE application_name = 'millrace'");
    }
  }

  /** A server that was switched to another, or whose disk its administrator protects. */
  @Test
  void serverThatDoesNotWrite_isOut_andUsedAgainWhenItDoes() throws SQLException {
    execute("ALTER DATABASE %s SET default_transaction_read_only = on");
    endConnections();

    await()
        .atMost(BACK)
        .ignoreExceptionsInstanceOf(CatalogException.class)
        .until(() -> {
          CatalogException refused =
              catchThrowableOfType(
                  CatalogException.class, () -> catalog.removeBlob(CatalogContract.digest(1)));
          return refused != null && catalog.counters().out();
        });

    execute("ALTER DATABASE %s SET default_transaction_read_only = off");
    await().atMost(BACK).until(() -> !catalog.counters().out());
    assertThat(catalog.removeBlob(CatalogContract.digest(1)).sizeBytes()).isEqualTo(10);
  }

  private void execute(String statement) throws SQLException {
    try (Connection connection = PostgresServer.connect(settings);
        Statement run = connection.createStatement()) {
      run.execute("SET default_transaction_read_only = off");
      run.execute(statement.formatted(settings.url().database()));
    }
  }

  /** A transaction that somebody holds open must not hold up a node for ever. */
  @Test
  void turnThatIsNotGivenBack_failsTheCall_andNoMore() throws SQLException {
    try (Connection other = PostgresServer.connect(settings);
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT 1 FROM catalog_owner FOR UPDATE");

      assertThatThrownBy(() -> catalog.removeBlob(CatalogContract.digest(1)))
          .isInstanceOf(CatalogException.class)
          .extracting(e -> ((CatalogException) e).effect())
          .isEqualTo(CatalogException.Effect.NONE);
      assertThat(catalog.find(KEY)).isPresent();
      other.rollback();
    }
    assertThat(catalog.removeBlob(CatalogContract.digest(1)).sizeBytes()).isEqualTo(10);
  }

  @Test
  void closingWhileItIsOut_ends() throws Exception {
    server.stop();
    assertThatThrownBy(() -> catalog.find(KEY)).isInstanceOf(CatalogException.class);
    catalog.close();
    server.startAgain();
    assertThatThrownBy(() -> catalog.find(KEY)).isInstanceOf(CatalogException.class);
  }

  @Test
  void startWithoutAServer_fails_andShowsNoPassword(@TempDir Path folder) throws Exception {
    server.stop();
    CatalogSettings secret =
        new CatalogSettings(
            settings.url(), "miller", "hunter2", null, 2, settings.acquireTimeout());

    assertThatThrownBy(() -> PostgresCatalog.open(secret, fresh -> DataDirId.of(folder, fresh)))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining(settings.url().toString())
        .hasMessageNotContaining("hunter2");
    server.startAgain();
  }
}
