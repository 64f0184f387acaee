package dev.millrace.catalog;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.Promise;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The promises of indexes, as rows. Threading: on the caller's connection. */
final class PromiseRows {
  private static final Logger LOG = LoggerFactory.getLogger(PromiseRows.class);

  private PromiseRows() {}

  static int put(Connection connection, Collection<Promise> promises, long nowMillis)
      throws SQLException {
    try (PreparedStatement put = connection.prepareStatement(Sql.LEARN)) {
      for (Promise promise : promises) {
        put.setString(1, promise.remote());
        put.setString(2, promise.name());
        put.setString(3, promise.digest().algorithm().name().toLowerCase(Locale.ROOT));
        put.setString(4, promise.digest().hex());
        put.setLong(5, nowMillis);
        put.addBatch();
      }
      return put.executeBatch().length;
    }
  }

  static Optional<Digest> find(Connection connection, String remote, String name)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(Sql.PROMISED)) {
      query.setString(1, remote);
      query.setString(2, name);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? digest(row) : Optional.empty();
      }
    }
  }

  private static Optional<Digest> digest(ResultSet row) throws SQLException {
    try {
      String algorithm = row.getString(1).toUpperCase(Locale.ROOT);
      return Optional.of(new Digest(DigestAlgorithm.valueOf(algorithm), row.getString(2)));
    } catch (IllegalArgumentException e) {
      LOG.warn("a promise in the catalog is not readable: {}", e.toString());
      return Optional.empty();
    }
  }

  static int forget(Connection connection, int keep) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(Sql.FORGET_PROMISES)) {
      delete.setInt(1, keep);
      return delete.executeUpdate();
    }
  }
}
