package dev.millrace.catalog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.millrace.config.Limits;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Opens the catalog in one SQLite file, the default that needs no service.
 *
 * <p>A write-ahead log with {@code synchronous=NORMAL}: readers never wait for the writer, a crash
 * of the process loses nothing, a power cut may lose the last transactions but never their order. A
 * lost row costs a refetch, and a row that came back is healed when its blob is missing. Writing
 * transactions begin {@code IMMEDIATE}, so that two of them queue up on {@code busy_timeout}
 * instead of failing half-way.
 *
 * <p>Limits: {@link Limits#CATALOG_CONNECTIONS_MAX} connections; a call that gets none within
 * {@link Limits#CATALOG_WAIT_MILLIS} fails.
 */
public final class SqliteCatalog {
  private static final int LOG_BYTES_KEPT = 16 << 20;

  /**
   * Pages of the log after which it is copied back; digests scatter over them, so a few of each.
   */
  private static final int LOG_PAGES = 4_000;

  private static final int CACHE_KIB = 16 << 10;

  private SqliteCatalog() {}

  /**
   * Opens the file, making it where it is missing, and brings its schema up to this release.
   *
   * <p>Errors: {@link CatalogException} when it is no database, or one of a newer release; then
   * nothing was written. Ownership: the caller closes the catalog.
   */
  public static Catalog open(Path file) {
    SQLiteDataSource database = new SQLiteDataSource(settings());
    database.setUrl("jdbc:sqlite:" + file);
    Migrations.bringUpToDate(database, file.toString(), Migrations.COMMON);
    return new JdbcCatalog(new InFile(new HikariDataSource(pool(database))));
  }

  /** A file, which does not go away by itself. Ownership: owns the pool. */
  private record InFile(HikariDataSource pool) implements Database {
    @Override
    public Connection connect() throws SQLException {
      return pool.getConnection();
    }

    @Override
    public void takeTurn(Connection connection) {
      // IMMEDIATE takes it, and the lock on the data folder keeps every other process out.
    }

    @Override
    public CatalogException failed(String doing, SQLException cause, boolean committing) {
      return new CatalogException(doing, cause);
    }

    @Override
    public boolean canHold(int keyBytes) {
      return true;
    }

    @Override
    public CatalogCounters counters() {
      HikariPoolMXBean now = pool.getHikariPoolMXBean();
      return new CatalogCounters(
          false, 0, now.getActiveConnections(), now.getThreadsAwaitingConnection());
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  private static SQLiteConfig settings() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setJournalSizeLimit(LOG_BYTES_KEPT);
    config.setCacheSize(-CACHE_KIB);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.setBusyTimeout(Limits.CATALOG_WAIT_MILLIS);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.enforceForeignKeys(true);
    // Nobody asks for them, and the driver would look for them after each statement.
    config.setGetGeneratedKeys(false);
    return config;
  }

  private static HikariConfig pool(SQLiteDataSource database) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("catalog");
    config.setDataSource(database);
    config.setMaximumPoolSize(Limits.CATALOG_CONNECTIONS_MAX);
    config.setMinimumIdle(1);
    config.setConnectionInitSql("PRAGMA wal_autocheckpoint = " + LOG_PAGES);
    config.setConnectionTimeout(Limits.CATALOG_WAIT_MILLIS);
    // A connection to a file does not grow stale.
    config.setMaxLifetime(0);
    return config;
  }
}
