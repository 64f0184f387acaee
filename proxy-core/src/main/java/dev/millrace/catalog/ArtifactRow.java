package dev.millrace.catalog;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How artifacts and their keys stand in the places and columns of {@link Sql}'s statements. */
final class ArtifactRow {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactRow.class);

  private ArtifactRow() {}

  /** Sets the key in three places. */
  static void setKey(PreparedStatement statement, int first, ArtifactKey key) throws SQLException {
    statement.setString(first, key.remote());
    statement.setString(first + 1, key.path());
    statement.setString(first + 2, key.variant());
  }

  /** The key in the first columns. */
  static ArtifactKey key(ResultSet row) throws SQLException {
    return new ArtifactKey(row.getString(1), row.getString(2), row.getString(3));
  }

  /** Sets the places of {@link Sql#PUT_ARTIFACT}. */
  static void set(PreparedStatement put, StoredArtifact artifact) throws SQLException {
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
  }

  /**
   * The artifact in the columns of {@link Sql#FIND}. A row that this release cannot read counts as
   * absent: the next commit of the key writes it anew.
   */
  static Optional<StoredArtifact> get(ResultSet row) throws SQLException {
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
