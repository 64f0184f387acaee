package dev.millrace.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The catalog on a server of PostgreSQL.
 *
 * @param url where the database is
 * @param username of its owner; empty for the user of the process
 * @param password empty for none
 * @param caFile PEM of the authorities that the server's certificate may be of, null for the JVM's
 * @param connections at once, at most
 * @param acquireTimeout how long a call waits for one of them, for a new one, and for its turn to
 *     write
 */
public record CatalogSettings(
    DatabaseUrl url,
    String username,
    String password,
    @Nullable Path caFile,
    int connections,
    Duration acquireTimeout) {

  /** Never shows the password. */
  @Override
  public String toString() {
    return "catalog at " + url + ", " + connections + " connections, " + acquireTimeout;
  }
}
