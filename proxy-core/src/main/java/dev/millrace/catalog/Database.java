package dev.millrace.catalog;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What differs between the databases behind {@link JdbcCatalog}.
 *
 * <p>An interface because a file and a server fail in different ways.
 *
 * <p>Threading: thread-safe.
 */
interface Database extends AutoCloseable {
  /**
   * A connection of the pool for one call.
   *
   * <p>Errors: {@link CatalogException} at once while the database is known to be out.
   */
  Connection connect() throws SQLException;

  /**
   * Takes the turn of writing, which a transaction keeps to its end: one writes at a time.
   *
   * <p>Errors: {@link CatalogException} when this process may not write any more.
   */
  void takeTurn(Connection connection) throws SQLException;

  /** Looks at what went wrong, {@code committing} or before, and says what it means. */
  CatalogException failed(String doing, SQLException cause, boolean committing);

  /** Whether a key can be recorded; one that cannot is relayed. */
  boolean canHold(int keyBytes);

  /** How it stands with it. */
  CatalogCounters counters();

  @Override
  void close();
}
