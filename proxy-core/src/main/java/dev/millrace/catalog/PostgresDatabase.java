package dev.millrace.catalog;

import static dev.millrace.config.Limits.CATALOG_IDLE_TRANSACTION;
import static dev.millrace.config.Limits.CATALOG_KEY_BYTES_MAX;
import static dev.millrace.config.Limits.CATALOG_PROBE;
import static dev.millrace.config.Limits.CATALOG_SILENCE;
import static dev.millrace.config.Limits.CATALOG_STATEMENT;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool;
import dev.millrace.config.CatalogSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of PostgreSQL, which may go away and come back.
 *
 * <p><b>Outage.</b> The first call that finds no server, or one that cannot write (a standby, after
 * a switch), ends it for all: from then on calls fail at once, so that no request waits for the
 * catalog. Beside them one thread looks for the server every {@code CATALOG_PROBE}; when it has
 * read the owner's row, calls go through again. Loss and return are logged once each.
 *
 * <p>A pool that is merely busy is no outage: only that call fails.
 *
 * <p>Limits: {@code catalog.connections}; a call waits for one at most {@code
 * catalog.acquire_timeout}, which also bounds connecting and waiting for the turn to write; {@code
 * CATALOG_STATEMENT} bounds each statement, {@code CATALOG_SILENCE} a server that has fallen
 * silent. So the one call that finds out may take these long.
 *
 * <p>Threading: thread-safe. Ownership: owns the pool, and the thread that looks.
 */
final class PostgresDatabase implements Database {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabase.class);

  /** Makes it this run's, if it is nobody's or this folder's. */
  static final String OWN =
      """
      INSERT INTO catalog_owner (folder, run) VALUES (?, ?)
      ON CONFLICT (only_row) DO UPDATE SET run = excluded.run
        WHERE catalog_owner.folder = excluded.folder\
      """;

  private static final String OWNER = "SELECT run FROM catalog_owner";
  private static final String TURN = "SELECT run FROM catalog_owner FOR UPDATE";

  private final HikariDataSource pool;
  private final String name;
  private final String run;
  private final AtomicBoolean out = new AtomicBoolean();
  private final LongAdder losses = new LongAdder();
  private final CountDownLatch closed = new CountDownLatch(1);

  private PostgresDatabase(HikariDataSource pool, String name, String run) {
    this.pool = pool;
    this.name = name;
    this.run = run;
  }

  /** Connections for what takes its time: nothing bounds a statement. */
  static PGSimpleDataSource unpooled(CatalogSettings settings) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {settings.url().host()});
    source.setPortNumbers(new int[] {settings.url().port()});
    source.setDatabaseName(settings.url().database());
    source.setSslMode(settings.url().sslMode().word());
    if (settings.caFile() != null) {
      source.setSslRootCert(settings.caFile().toString());
    } else if (settings.url().sslMode().verifies()) {
      // Else it looks for a file in the user's home.
      source.setSslfactory(DefaultJavaSSLFactory.class.getName());
    }
    if (!settings.username().isEmpty()) {
      source.setUser(settings.username());
    }
    source.setPassword(settings.password());
    source.setApplicationName("millrace");
    source.setConnectTimeout(seconds(settings.acquireTimeout()));
    source.setLoginTimeout(seconds(settings.acquireTimeout()));
    source.setTcpKeepAlive(true);
    // After a switch the old server may live on as a standby.
    source.setTargetServerType("primary");
    return source;
  }

  /** Opens the pool. Errors: {@link CatalogException} when there is no server. */
  static PostgresDatabase open(CatalogSettings settings, String run) {
    String name = settings.url().toString();
    try {
      return new PostgresDatabase(new HikariDataSource(pooled(settings)), name, run);
    } catch (HikariPool.PoolInitializationException e) {
      throw new CatalogException("open the catalog " + name, e);
    }
  }

  private static HikariConfig pooled(CatalogSettings settings) {
    PGSimpleDataSource source = unpooled(settings);
    source.setSocketTimeout(seconds(CATALOG_SILENCE));
    long acquireMillis = settings.acquireTimeout().toMillis();
    HikariConfig config = new HikariConfig();
    config.setPoolName("catalog");
    config.setDataSource(source);
    config.setMaximumPoolSize(settings.connections());
    config.setMinimumIdle(1);
    config.setConnectionTimeout(acquireMillis);
    config.setValidationTimeout(acquireMillis);
    // Whatever the server's default is: turns are taken, and what is read behind one is new.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(
        "SET lock_timeout = %d; SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d"
            .formatted(
                acquireMillis, CATALOG_STATEMENT.toMillis(), CATALOG_IDLE_TRANSACTION.toMillis()));
    return config;
  }

  private static int seconds(Duration time) {
    return Math.toIntExact(Math.max(1, time.toSeconds()));
  }

  @Override
  public Connection connect() throws SQLException {
    if (out.get()) {
      throw new CatalogException(name + " is out", CatalogException.Effect.NONE_OUT);
    }
    return pool.getConnection();
  }

  @Override
  public void takeTurn(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(TURN);
        ResultSet row = query.executeQuery()) {
      if (!row.next() || !run.equals(row.getString(1))) {
        throw new CatalogException("another process has taken over the catalog " + name);
      }
    }
  }

  @Override
  public CatalogException failed(String doing, SQLException cause, boolean committing) {
    if (!isLoss(cause)) {
      return new CatalogException(doing, cause);
    }
    if (out.compareAndSet(false, true)) {
      losses.increment();
      LOG.warn(
          "the catalog {} is out: {}; what memory knows is served on, what is fetched is not stored",
          name,
          cause.getMessage());
      Thread.ofVirtual().name("catalog-probe").start(this::probe);
    }
    return new CatalogException(
        doing,
        cause,
        committing ? CatalogException.Effect.IN_DOUBT : CatalogException.Effect.NONE_OUT);
  }

  /**
   * By the classes of SQLSTATE (PostgreSQL, Appendix A): 08 the connection, 57P the server stops or
   * starts, 53300 it has no connection left, 25006 it does not write, 28 it does not let us in,
   * 3D000 the database is gone.
   */
  private static boolean isLoss(SQLException cause) {
    String state = cause.getSQLState();
    return state != null
        && (state.startsWith("08")
            || state.startsWith("57P")
            || state.startsWith("28")
            || state.equals("53300")
            || state.equals("3D000")
            || state.equals("25006"));
  }

  /** Looks until the server is back or this is closed. */
  private void probe() {
    try {
      boolean over;
      do {
        // Those that died in the pool would each be found out by a call.
        pool.getHikariPoolMXBean().softEvictConnections();
        over = isBack() || closed.await(CATALOG_PROBE.toMillis(), TimeUnit.MILLISECONDS);
      } while (!over);
    } catch (InterruptedException e) {
      throw new IllegalStateException("the probe must not be interrupted", e);
    }
  }

  private boolean isBack() {
    try (Connection connection = pool.getConnection();
        PreparedStatement query = connection.prepareStatement(OWNER);
        ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return false;
      }
    } catch (SQLException | RuntimeException e) {
      LOG.debug("the catalog {} is still out: {}", name, e.getMessage());
      return false;
    }
    out.set(false);
    LOG.warn("the catalog {} is back", name);
    return true;
  }

  @Override
  public boolean canHold(int keyBytes) {
    return keyBytes <= CATALOG_KEY_BYTES_MAX;
  }

  @Override
  public CatalogCounters counters() {
    HikariPoolMXBean now = pool.getHikariPoolMXBean();
    return new CatalogCounters(
        out.get(), losses.sum(), now.getActiveConnections(), now.getThreadsAwaitingConnection());
  }

  @Override
  public void close() {
    closed.countDown();
    pool.close();
  }
}
