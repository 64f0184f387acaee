package dev.millrace.catalog;

import dev.millrace.config.CatalogSettings;
import dev.millrace.config.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real server of PostgreSQL. One of each version is shared by all tests of the JVM, which make
 * databases of their own; one that is stopped and started is its test's own.
 *
 * <p>Threading: one thread at a time, but for {@link #shared}. Ownership: shared servers end with
 * the JVM.
 */
public final class PostgresServer implements AutoCloseable {
  /** The versions that tests run on. */
  public enum Version {
    /** The newest. */
    NEW,
    /** The oldest that is supported. */
    OLD
  }

  /** The run that a copied database belongs to. */
  static final String RUN = "run";

  private static final Path BINARIES = Path.of("target", "postgresql");
  private static final Map<Version, PostgresServer> SHARED = new EnumMap<>(Version.class);
  private static final Duration ACQUIRE = Duration.ofSeconds(5);
  private static final String USER = "postgres";

  private final Version version;
  private final @Nullable Path folder;
  private final AtomicInteger databases = new AtomicInteger();
  private EmbeddedPostgres server;
  private @Nullable String migrated;

  private PostgresServer(Version version, @Nullable Path folder) {
    this.version = version;
    this.folder = folder;
    this.server = start(0);
  }

  /** The one that all tests share. */
  public static PostgresServer shared(Version version) {
    synchronized (SHARED) {
      return SHARED.computeIfAbsent(version, wanted -> new PostgresServer(wanted, null));
    }
  }

  /** One of the test's own, with its files in that folder. */
  public static PostgresServer in(Path folder) {
    return new PostgresServer(Version.NEW, folder);
  }

  private EmbeddedPostgres start(int port) {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            // No test cuts the power.
            .setServerConfig("fsync", "off")
            .setServerConfig("full_page_writes", "off")
            .setPgBinaryResolver((system, architecture) -> {
              Path jar = BINARIES.resolve(version == Version.NEW ? "new.jar" : "old.jar");
              try (FileSystem files = FileSystems.newFileSystem(jar);
                  var entries = Files.newDirectoryStream(files.getPath("/"), "*.txz")) {
                Path archive = entries.iterator().next();
                return new ByteArrayInputStream(Files.readAllBytes(archive));
              }
            });
    if (port != 0) {
      builder.setPort(port);
    }
    if (folder != null) {
      builder.setDataDirectory(folder).setCleanDataDirectory(false);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it at once, as `pg_ctl stop -m fast` does: whoever is connected is cut off. */
  public void stop() throws IOException {
    server.close();
  }

  /** Starts it again with the same files on the same port. */
  public void startAgain() {
    server = start(server.getPort());
  }

  /** Makes an empty database. */
  public CatalogSettings newDatabase() throws SQLException {
    return newDatabase("");
  }

  /** Makes one with the schema of this release that {@link #RUN} owns: by a copy, which is fast. */
  CatalogSettings newMigratedDatabase() throws SQLException {
    if (migrated == null) {
      CatalogSettings template = newDatabase();
      Migrations.bringUpToDate(
          PostgresDatabase.unpooled(template), "", Migrations.COMMON, Migrations.POSTGRESQL);
      try (Connection connection = connect(template);
          Statement statement = connection.createStatement()) {
        statement.execute("INSERT INTO catalog_owner (folder, run) VALUES ('-', '" + RUN + "')");
      }
      migrated = template.url().database();
    }
    return newDatabase("TEMPLATE " + migrated);
  }

  /** The same, with more said behind its name. */
  CatalogSettings newDatabase(String options) throws SQLException {
    String name = "test" + databases.incrementAndGet();
    try (Connection connection = connect(USER)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + name + " " + options);
      }
    }
    return new CatalogSettings(
        new DatabaseUrl("127.0.0.1", server.getPort(), name, DatabaseUrl.SslMode.PREFER),
        USER,
        "",
        null,
        4,
        ACQUIRE);
  }

  /** A connection behind the back of the catalog in it. */
  static Connection connect(CatalogSettings database) throws SQLException {
    return DriverManager.getConnection("jdbc:" + database.url() + "?user=" + database.username());
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(server.getPort(), database, USER));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
