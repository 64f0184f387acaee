package dev.millrace.catalog;

import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Promise;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog in an SQL database.
 *
 * <p>Single statements commit by themselves; what must hold together runs in one transaction. Keys
 * are written in one order, so that two nodes on one database do not lock each other out.
 *
 * <p>Threading: thread-safe; each call borrows one connection of the pool for its length, never
 * longer.
 *
 * <p>Ownership: owns the pool.
 */
final class JdbcCatalog implements Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(JdbcCatalog.class);
  private static final int PAGE_ROWS = 1000;
  private static final Comparator<ArtifactKey> KEY_ORDER =
      Comparator.comparing(ArtifactKey::remote)
          .thenComparing(ArtifactKey::path)
          .thenComparing(ArtifactKey::variant);

  /** What one call does with its connection. */
  private interface Step<T> {
    T run(Connection connection) throws SQLException;
  }

  private final HikariDataSource pool;
  private final boolean exclusive;

  /** A catalog behind that pool; {@code exclusive} if no other process writes to its database. */
  JdbcCatalog(HikariDataSource pool, boolean exclusive) {
    this.pool = pool;
    this.exclusive = exclusive;
  }

  @Override
  public Optional<StoredArtifact> find(ArtifactKey key) {
    return call(
        "find an artifact",
        connection -> {
          try (PreparedStatement query = connection.prepareStatement(Sql.FIND)) {
            setKey(query, 1, key);
            try (ResultSet row = query.executeQuery()) {
              return row.next() ? artifact(row) : Optional.empty();
            }
          }
        });
  }

  @Override
  public BlobChange store(Collection<StoredArtifact> artifacts) {
    return transaction(
        "record artifacts",
        connection -> {
          long bytesDelta = 0;
          Set<String> replaced = new LinkedHashSet<>();
          try (PreparedStatement digestOf = connection.prepareStatement(Sql.DIGEST_OF_KEY);
              PreparedStatement addBlob = connection.prepareStatement(Sql.ADD_BLOB);
              PreparedStatement sizeOf = connection.prepareStatement(Sql.SIZE_OF_BLOB);
              PreparedStatement putBlob = connection.prepareStatement(Sql.PUT_BLOB);
              PreparedStatement putArtifact = connection.prepareStatement(Sql.PUT_ARTIFACT)) {
            for (StoredArtifact artifact : artifacts) {
              digestOf(digestOf, artifact.key()).ifPresent(replaced::add);
              bytesDelta += putBlob(addBlob, sizeOf, putBlob, artifact);
              putArtifact(putArtifact, artifact);
            }
          }
          List<Digest> removed = new ArrayList<>();
          // At the end, since a later artifact of the batch may name a blob that an earlier one let
          // go.
          for (String hex : replaced) {
            OptionalLong size = longOf(connection, Sql.REMOVE_UNNAMED_BLOB, hex);
            if (size.isPresent()) {
              bytesDelta -= size.getAsLong();
              removed.add(Digest.sha256(hex));
            }
          }
          return new BlobChange(bytesDelta, removed);
        });
  }

  @Override
  public boolean refresh(StoredArtifact refreshed) {
    return call(
        "refresh an artifact",
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(Sql.REFRESH)) {
            update.setLong(1, refreshed.validatedAtMillis());
            update.setLong(2, refreshed.expiresAtMillis());
            setKey(update, 3, refreshed.key());
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
    SortedMap<ArtifactKey, Access> ordered = new TreeMap<>(KEY_ORDER);
    ordered.putAll(accesses);
    int updated =
        transaction(
            "add access counts",
            connection -> {
              try (PreparedStatement update = connection.prepareStatement(Sql.TOUCH)) {
                for (Map.Entry<ArtifactKey, Access> entry : ordered.entrySet()) {
                  Access access = entry.getValue();
                  update.setLong(1, access.count());
                  update.setLong(2, access.lastAtMillis());
                  update.setLong(3, access.lastAtMillis());
                  setKey(update, 4, entry.getKey());
                  update.addBatch();
                }
                return update.executeBatch().length;
              }
            });
    assert updated == ordered.size();
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
                keys.add(key(rows));
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
  public void listKeys(Consumer<ArtifactKey> visitor) {
    long visited =
        call(
            "list the artifacts",
            connection -> {
              long count = 0;
              try (PreparedStatement query = connection.prepareStatement(Sql.LIST_KEYS);
                  ResultSet row = query.executeQuery()) {
                for (; row.next(); count++) {
                  visitor.accept(key(row));
                }
              }
              return count;
            });
    LOG.debug("{} artifacts are recorded", visited);
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
    return call("forget promises", connection -> PromiseRows.forget(connection, keep));
  }

  @Override
  public long artifactCount() {
    return number("count the artifacts", Sql.COUNT_ARTIFACTS);
  }

  @Override
  public boolean isExclusive() {
    return exclusive;
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
    pool.close();
  }

  private <T> T call(String doing, Step<T> step) {
    try (Connection connection = pool.getConnection()) {
      return step.run(connection);
    } catch (SQLException e) {
      throw new CatalogException(doing, e);
    }
  }

  private <T> T transaction(String doing, Step<T> step) {
    return call(
        doing,
        connection -> {
          connection.setAutoCommit(false);
          try {
            T result = step.run(connection);
            connection.commit();
            return result;
          } catch (SQLException | RuntimeException e) {
            rollBack(connection, e);
            throw e;
          } finally {
            connection.setAutoCommit(true);
          }
        });
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private static void setKey(PreparedStatement statement, int first, ArtifactKey key)
      throws SQLException {
    statement.setString(first, key.remote());
    statement.setString(first + 1, key.path());
    statement.setString(first + 2, key.variant());
  }

  /** The key in the first columns. */
  private static ArtifactKey key(ResultSet row) throws SQLException {
    return new ArtifactKey(row.getString(1), row.getString(2), row.getString(3));
  }

  private static Optional<String> digestOf(PreparedStatement query, ArtifactKey key)
      throws SQLException {
    setKey(query, 1, key);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  /** Records the blob and returns by how much the sum of the sizes grew. */
  private static long putBlob(
      PreparedStatement add,
      PreparedStatement sizeOf,
      PreparedStatement put,
      StoredArtifact artifact)
      throws SQLException {
    if (write(add, artifact) == 1) {
      return artifact.sizeBytes();
    }
    OptionalLong held = longOf(sizeOf, artifact.digest().hex());
    if (held.isPresent() && held.getAsLong() == artifact.sizeBytes()) {
      return 0;
    }
    write(put, artifact);
    return artifact.sizeBytes() - held.orElse(0);
  }

  private static int write(PreparedStatement put, StoredArtifact artifact) throws SQLException {
    put.setString(1, artifact.digest().hex());
    put.setLong(2, artifact.sizeBytes());
    put.setLong(3, artifact.storedAtMillis());
    return put.executeUpdate();
  }

  private static void putArtifact(PreparedStatement put, StoredArtifact artifact)
      throws SQLException {
    ArtifactHead head = artifact.head();
    setKey(put, 1, artifact.key());
    put.setString(4, artifact.digest().hex());
    put.setString(5, head.contentType());
    put.setString(6, head.contentEncoding());
    put.setString(7, head.contentDisposition());
    put.setString(8, head.contentLanguage());
    put.setString(9, head.etag());
    put.setString(10, head.lastModified());
    put.setString(11, head.link());
    put.setString(12, artifact.proof().name().toLowerCase(Locale.ROOT));
    put.setLong(13, artifact.storedAtMillis());
    put.setLong(14, artifact.validatedAtMillis());
    put.setLong(15, artifact.expiresAtMillis());
    put.setLong(16, artifact.storedAtMillis());
    put.setLong(17, artifact.storedAtMillis());
    put.executeUpdate();
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

  /**
   * A row that this release cannot read counts as absent: the next commit of the key writes it
   * anew.
   */
  private static Optional<StoredArtifact> artifact(ResultSet row) throws SQLException {
    try {
      return Optional.of(
          new StoredArtifact(
              key(row),
              Digest.sha256(row.getString(4)),
              row.getLong(5),
              new ArtifactHead(
                  row.getString(6),
                  row.getString(7),
                  row.getString(8),
                  row.getString(9),
                  row.getString(10),
                  row.getString(11),
                  row.getString(12)),
              Proof.valueOf(row.getString(13).toUpperCase(Locale.ROOT)),
              row.getLong(14),
              row.getLong(15),
              row.getLong(16)));
    } catch (IllegalArgumentException e) {
      LOG.warn("a row of the catalog is not readable: {}", e.toString());
      return Optional.empty();
    }
  }
}
