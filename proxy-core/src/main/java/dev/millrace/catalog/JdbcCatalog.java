package dev.millrace.catalog;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Promise;
import dev.millrace.artifact.StoredArtifact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog in an SQL database.
 *
 * <p>What only reads is one statement each. What writes runs in one transaction that first takes
 * the turn of writing ({@link Database#takeTurn}), so that one writes at a time: there is one
 * writer thread anyway, and then no two can lock each other out, or let go of a blob's last two
 * names at once and each leave the blob to the other.
 *
 * <p>Threading: thread-safe; each call borrows one connection of the pool for its length, never
 * longer.
 *
 * <p>Ownership: owns the database's pool.
 */
final class JdbcCatalog implements Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(JdbcCatalog.class);
  private static final int PAGE_ROWS = 1000;

  /** What one call does with its connection. */
  private interface Step<T> {
    T run(Connection connection) throws SQLException;
  }

  private final Database database;

  JdbcCatalog(Database database) {
    this.database = database;
  }

  @Override
  public Optional<StoredArtifact> find(ArtifactKey key) {
    return call(
        "find an artifact",
        connection -> {
          try (PreparedStatement query = connection.prepareStatement(Sql.FIND)) {
            ArtifactRow.setKey(query, 1, key);
            try (ResultSet row = query.executeQuery()) {
              return row.next() ? ArtifactRow.get(row) : Optional.empty();
            }
          }
        });
  }

  @Override
  public BlobChange store(Collection<StoredArtifact> artifacts) {
    return transaction(
        "record artifacts",
        connection -> {
          Set<String> letGo = letGo(connection, artifacts);
          long bytesDelta = putBlobs(connection, artifacts);
          putArtifacts(connection, artifacts);
          List<Digest> removed = new ArrayList<>();
          // At the end, since what one artifact of the batch lets go another may name.
          for (String hex : letGo) {
            OptionalLong size = longOf(connection, Sql.REMOVE_UNNAMED_BLOB, hex);
            if (size.isPresent()) {
              bytesDelta -= size.getAsLong();
              removed.add(Digest.sha256(hex));
            }
          }
          return new BlobChange(bytesDelta, removed);
        });
  }

  /** The blobs that one of these keys names before the batch, or within it, and not after it. */
  private static Set<String> letGo(Connection connection, Collection<StoredArtifact> artifacts)
      throws SQLException {
    Set<String> letGo = new LinkedHashSet<>();
    Map<ArtifactKey, String> after = new LinkedHashMap<>();
    for (StoredArtifact artifact : artifacts) {
      String hex = artifact.digest().hex();
      String earlier = after.put(artifact.key(), hex);
      if (earlier != null && !earlier.equals(hex)) {
        letGo.add(earlier);
      }
    }
    List<ArtifactKey> keys = List.copyOf(after.keySet());
    for (int from = 0; from < keys.size(); from += Sql.KEYS_AT_ONCE) {
      List<ArtifactKey> some = keys.subList(from, Math.min(keys.size(), from + Sql.KEYS_AT_ONCE));
      String statement = some.size() == 1 ? Sql.DIGEST_OF_KEY : Sql.DIGESTS_OF_KEYS;
      try (PreparedStatement query = connection.prepareStatement(statement)) {
        int places = some.size() == 1 ? 1 : Sql.KEYS_AT_ONCE;
        for (int place = 0; place < places; place++) {
          // What is left over of the places is filled up: one statement for every number of keys.
          ArtifactRow.setKey(query, 1 + 3 * place, some.get(Math.min(place, some.size() - 1)));
        }
        try (ResultSet row = query.executeQuery()) {
          while (row.next()) {
            if (!row.getString(4).equals(after.get(ArtifactRow.key(row)))) {
              letGo.add(row.getString(4));
            }
          }
        }
      }
    }
    return letGo;
  }

  @Override
  public boolean refresh(StoredArtifact refreshed) {
    return transaction(
        "refresh an artifact",
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(Sql.REFRESH)) {
            update.setLong(1, refreshed.validatedAtMillis());
            update.setLong(2, refreshed.expiresAtMillis());
            ArtifactRow.setKey(update, 3, refreshed.key());
            update.setString(6, refreshed.digest().hex());
            return update.executeUpdate() > 0;
          }
        });
  }

  @Override
  public void touch(Map<ArtifactKey, Access> accesses) {
    if (accesses.isEmpty()) {
      return;
    }
    int updated =
        transaction(
            "add access counts",
            connection -> {
              try (PreparedStatement update = connection.prepareStatement(Sql.TOUCH)) {
                for (Map.Entry<ArtifactKey, Access> entry : accesses.entrySet()) {
                  Access access = entry.getValue();
                  update.setLong(1, access.count());
                  update.setLong(2, access.lastAtMillis());
                  update.setLong(3, access.lastAtMillis());
                  ArtifactRow.setKey(update, 4, entry.getKey());
                  update.addBatch();
                }
                return update.executeBatch().length;
              }
            });
    assert updated == accesses.size();
  }

  @Override
  public BlobRemoval removeBlob(Digest digest) {
    return transaction(
        "remove a blob",
        connection -> {
          List<ArtifactKey> keys = new ArrayList<>();
          try (PreparedStatement delete =
              connection.prepareStatement(Sql.REMOVE_ARTIFACTS_OF_BLOB)) {
            delete.setString(1, digest.hex());
            try (ResultSet rows = delete.executeQuery()) {
              while (rows.next()) {
                keys.add(ArtifactRow.key(rows));
              }
            }
          }
          OptionalLong size = longOf(connection, Sql.REMOVE_BLOB, digest.hex());
          return new BlobRemoval(size.orElse(0), keys);
        });
  }

  @Override
  public List<BlobUse> leastRecentlyUsed(int limit) {
    return call(
        "find the least recently used blobs",
        connection -> {
          try (PreparedStatement query = connection.prepareStatement(Sql.LEAST_RECENTLY_USED)) {
            query.setInt(1, limit);
            return rows(query).stream().flatMap(Row::readable).toList();
          }
        });
  }

  @Override
  public void listBlobs(int shard, Consumer<BlobUse> visitor) {
    String prefix = HexFormat.of().toHexDigits((byte) shard);
    // 'g' sorts behind every hexadecimal digit.
    String end = prefix + "g";
    String after = prefix;
    List<Row> page;
    do {
      String start = after;
      page =
          call(
              "list blobs",
              connection -> {
                try (PreparedStatement query = connection.prepareStatement(Sql.LIST_BLOBS)) {
                  query.setString(1, start);
                  query.setString(2, end);
                  query.setInt(3, PAGE_ROWS);
                  return rows(query);
                }
              });
      page.stream().flatMap(Row::readable).forEach(visitor);
      after = page.isEmpty() ? end : page.getLast().sha256();
    } while (page.size() == PAGE_ROWS);
  }

  @Override
  public OptionalLong sizeBytes(Digest digest) {
    return call("find a blob", connection -> longOf(connection, Sql.SIZE_OF_BLOB, digest.hex()));
  }

  @Override
  public OptionalLong settledSizeBytes(Digest digest) {
    return transaction(
        "find a blob", connection -> longOf(connection, Sql.SIZE_OF_BLOB, digest.hex()));
  }

  @Override
  public void listKeys(Consumer<ArtifactKey> visitor) {
    long visited = 0;
    ArtifactKey last = null;
    List<ArtifactKey> page;
    do {
      page = keysBehind(last);
      page.forEach(visitor);
      visited += page.size();
      last = page.isEmpty() ? null : page.getLast();
    } while (page.size() == PAGE_ROWS);
    LOG.debug("{} artifacts are recorded", visited);
  }

  private List<ArtifactKey> keysBehind(@Nullable ArtifactKey last) {
    return call(
        "list the artifacts",
        connection -> {
          try (PreparedStatement query = connection.prepareStatement(Sql.LIST_KEYS)) {
            // Nothing sorts before the empty name, and no remote has it.
            query.setString(1, last == null ? "" : last.remote());
            query.setString(2, last == null ? "" : last.path());
            query.setString(3, last == null ? "" : last.variant());
            query.setInt(4, PAGE_ROWS);
            List<ArtifactKey> keys = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
              while (row.next()) {
                keys.add(ArtifactRow.key(row));
              }
            }
            return keys;
          }
        });
  }

  @Override
  public void learn(Collection<Promise> promises, long nowMillis) {
    int written =
        transaction(
            "record promises", connection -> PromiseRows.put(connection, promises, nowMillis));
    assert written == promises.size();
  }

  @Override
  public Optional<Digest> promised(String remote, String name) {
    return call("find a promise", connection -> PromiseRows.find(connection, remote, name));
  }

  @Override
  public int forgetPromises(int keep) {
    return transaction("forget promises", connection -> PromiseRows.forget(connection, keep));
  }

  @Override
  public long artifactCount() {
    return number("count the artifacts", Sql.COUNT_ARTIFACTS);
  }

  /** A file has its folder's lock, a server its owner's row. */
  @Override
  public boolean isExclusive() {
    return true;
  }

  @Override
  public boolean canHold(ArtifactKey key) {
    return database.canHold(
        utf8Bytes(key.remote()) + utf8Bytes(key.path()) + utf8Bytes(key.variant()));
  }

  /** At most: an encoder would be asked for nothing else. */
  private static int utf8Bytes(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      bytes += text.charAt(i) < 0x80 ? 0 : 2;
    }
    return bytes;
  }

  @Override
  public void check() {
    long rows = number("look whether the database answers", Sql.CHECK);
    assert rows <= 1;
  }

  @Override
  public CatalogCounters counters() {
    return database.counters();
  }

  @Override
  public long totalBlobBytes() {
    return number("sum up the blobs", Sql.TOTAL_BYTES);
  }

  private long number(String doing, String statement) {
    return call(
        doing,
        connection -> {
          try (PreparedStatement query = connection.prepareStatement(statement);
              ResultSet row = query.executeQuery()) {
            return row.next() ? row.getLong(1) : 0L;
          }
        });
  }

  @Override
  public void close() {
    database.close();
  }

  private <T> T call(String doing, Step<T> step) {
    try (Connection connection = database.connect()) {
      return step.run(connection);
    } catch (SQLException e) {
      throw database.failed(doing, e, false);
    }
  }

  private <T> T transaction(String doing, Step<T> step) {
    boolean committing = false;
    // The pool sets what it lends back to commit by itself.
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        database.takeTurn(connection);
        T result = step.run(connection);
        committing = true;
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw database.failed(doing, e, committing);
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * Records the blobs and returns by how much the sum of the sizes grew. Most are new, and go to
   * the server together.
   */
  private static long putBlobs(Connection connection, Collection<StoredArtifact> artifacts)
      throws SQLException {
    try (PreparedStatement add = connection.prepareStatement(Sql.ADD_BLOB);
        PreparedStatement sizeOf = connection.prepareStatement(Sql.SIZE_OF_BLOB);
        PreparedStatement put = connection.prepareStatement(Sql.PUT_BLOB)) {
      for (StoredArtifact artifact : artifacts) {
        setBlob(add, artifact);
        add.addBatch();
      }
      int[] added = add.executeBatch();
      long bytesDelta = 0;
      int at = 0;
      for (StoredArtifact artifact : artifacts) {
        bytesDelta += added[at++] == 1 ? artifact.sizeBytes() : correct(sizeOf, put, artifact);
      }
      return bytesDelta;
    }
  }

  /** Gives a blob that was there the size that it has now, and returns by how much it grew. */
  private static long correct(
      PreparedStatement sizeOf, PreparedStatement put, StoredArtifact artifact)
      throws SQLException {
    OptionalLong held = longOf(sizeOf, artifact.digest().hex());
    if (held.isPresent() && held.getAsLong() == artifact.sizeBytes()) {
      return 0;
    }
    setBlob(put, artifact);
    put.executeUpdate();
    return artifact.sizeBytes() - held.orElse(0);
  }

  private static void setBlob(PreparedStatement put, StoredArtifact artifact) throws SQLException {
    put.setString(1, artifact.digest().hex());
    put.setLong(2, artifact.sizeBytes());
    put.setLong(3, artifact.storedAtMillis());
  }

  private static void putArtifacts(Connection connection, Collection<StoredArtifact> artifacts)
      throws SQLException {
    try (PreparedStatement put = connection.prepareStatement(Sql.PUT_ARTIFACT)) {
      for (StoredArtifact artifact : artifacts) {
        ArtifactRow.set(put, artifact);
        put.addBatch();
      }
      int recorded = put.executeBatch().length;
      assert recorded == artifacts.size();
    }
  }

  private static OptionalLong longOf(Connection connection, String statement, String hex)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(statement)) {
      return longOf(query, hex);
    }
  }

  private static OptionalLong longOf(PreparedStatement query, String hex) throws SQLException {
    query.setString(1, hex);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
    }
  }

  private static List<Row> rows(PreparedStatement query) throws SQLException {
    List<Row> found = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        found.add(new Row(rows.getString(1), rows.getLong(2), rows.getLong(3)));
      }
    }
    return found;
  }

  /** A row about a blob as it stands there, which may not be a digest. */
  private record Row(String sha256, long sizeBytes, long lastAccessMillis) {
    Stream<BlobUse> readable() {
      try {
        return Stream.of(new BlobUse(Digest.sha256(sha256), sizeBytes, lastAccessMillis));
      } catch (IllegalArgumentException e) {
        LOG.warn("a row of the catalog is not readable: {}", e.toString());
        return Stream.empty();
      }
    }
  }
}
