package dev.millrace.it.rig;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A real server of PostgreSQL with one empty database, which can be stopped and started again.
 *
 * <p>Threading: one thread at a time.
 */
public final class PostgresServer implements AutoCloseable {
  private static final Path BINARIES = Path.of("target", "postgresql", "new.jar");
  private static final String USER = "postgres";

  private final Folder folder = Folder.create();
  private EmbeddedPostgres server;

  private PostgresServer() {
    server = start(0);
  }

  /** Starts one on a free port. */
  public static PostgresServer start() {
    return new PostgresServer();
  }

  private EmbeddedPostgres start(int port) {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            // No test cuts the power.
            .setServerConfig("fsync", "off")
            .setPgBinaryResolver((system, architecture) -> binaries())
            .setDataDirectory(folder.root().resolve("data"))
            .setCleanDataDirectory(false);
    if (port != 0) {
      builder.setPort(port);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream binaries() throws IOException {
    try (FileSystem files = FileSystems.newFileSystem(BINARIES);
        DirectoryStream<Path> archives = Files.newDirectoryStream(files.getPath("/"), "*.txz")) {
      return new ByteArrayInputStream(Files.readAllBytes(archives.iterator().next()));
    }
  }

  /** The port, the same after it was started again. */
  public int port() {
    return server.getPort();
  }

  /** The lines of a configuration that name its database, at that port. */
  public static String[] settings(int port) {
    return new String[] {
      "catalog:",
      "  url: postgresql://127.0.0.1:" + port + "/postgres",
      "  username: " + USER,
      "  acquire_timeout: 1s"
    };
  }

  /** Ends it; whoever is connected is cut off. */
  public void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it with the same files on the same port. */
  public void startAgain() {
    server = start(port());
  }

  /** Ends every connection of the product; the server goes on. */
  public void cutClients() {
    long cut =
        number(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
                + " WHERE application_name = 'millrace'");
    assert cut >= 0;
  }

  /** The one number that a query asks for. */
  public long number(String query) {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(query, e);
    }
  }

  @Override
  public void close() {
    stop();
    folder.delete();
  }
}
