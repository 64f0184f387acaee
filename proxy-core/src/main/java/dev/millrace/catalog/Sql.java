package dev.millrace.catalog;

/** The statements of {@link JdbcCatalog}, in the common part of SQLite's and PostgreSQL's SQL. */
final class Sql {
  static final String FIND =
      """
      SELECT a.remote, a.path, a.variant, a.sha256, b.size_bytes, a.content_type, a.content_encoding,
             a.content_disposition, a.content_language, a.etag, a.last_modified, a.link,
             a.proof, a.stored_at, a.validated_at, a.expires_at
      FROM artifacts a JOIN blobs b ON b.sha256 = a.sha256
      WHERE a.remote = ? AND a.path = ? AND a.variant = ?\
      """;

  /** Keys that {@link #DIGESTS_OF_KEYS} takes. */
  static final int KEYS_AT_ONCE = 64;

  static final String DIGEST_OF_KEY =
      """
      SELECT remote, path, variant, sha256 FROM artifacts
      WHERE remote = ? AND path = ? AND variant = ?\
      """;

  /** The same for many keys, which a server answers at once. */
  static final String DIGESTS_OF_KEYS =
      """
      SELECT remote, path, variant, sha256 FROM artifacts
      WHERE (remote, path, variant) IN (VALUES\
      """
          + " (?, ?, ?),".repeat(KEYS_AT_ONCE - 1)
          + " (?, ?, ?))";

  static final String SIZE_OF_BLOB = "SELECT size_bytes FROM blobs WHERE sha256 = ?";

  /** Most blobs are new: one statement for them, and two more for the others. */
  static final String ADD_BLOB =
      """
      INSERT INTO blobs (sha256, size_bytes, created_at) VALUES (?, ?, ?)
      ON CONFLICT (sha256) DO NOTHING\
      """;

  static final String PUT_BLOB =
      """
      INSERT INTO blobs (sha256, size_bytes, created_at) VALUES (?, ?, ?)
      ON CONFLICT (sha256) DO UPDATE SET size_bytes = excluded.size_bytes\
      """;

  static final String PUT_ARTIFACT =
      """
      INSERT INTO artifacts (remote, path, variant, sha256, content_type, content_encoding,
                             content_disposition, content_language, etag, last_modified, link, proof,
                             stored_at, validated_at, expires_at, hits, last_access, first_seen)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
      ON CONFLICT (remote, path, variant) DO UPDATE SET
        sha256 = excluded.sha256,
        content_type = excluded.content_type,
        content_encoding = excluded.content_encoding,
        content_disposition = excluded.content_disposition,
        content_language = excluded.content_language,
        etag = excluded.etag,
        last_modified = excluded.last_modified,
        link = excluded.link,
        proof = excluded.proof,
        stored_at = excluded.stored_at,
        validated_at = excluded.validated_at,
        expires_at = excluded.expires_at,
        last_access = CASE WHEN artifacts.last_access < excluded.last_access
                           THEN excluded.last_access ELSE artifacts.last_access END\
      """;

  static final String REMOVE_UNNAMED_BLOB =
      """
      DELETE FROM blobs WHERE sha256 = ?
        AND NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.sha256 = blobs.sha256)
      RETURNING size_bytes\
      """;

  static final String REFRESH =
      """
      UPDATE artifacts SET validated_at = ?, expires_at = ?
      WHERE remote = ? AND path = ? AND variant = ? AND sha256 = ?\
      """;

  static final String TOUCH =
      """
      UPDATE artifacts SET
        hits = hits + ?,
        last_access = CASE WHEN last_access < ? THEN ? ELSE last_access END
      WHERE remote = ? AND path = ? AND variant = ?\
      """;

  static final String REMOVE_ARTIFACTS_OF_BLOB =
      "DELETE FROM artifacts WHERE sha256 = ? RETURNING remote, path, variant";

  static final String REMOVE_BLOB = "DELETE FROM blobs WHERE sha256 = ? RETURNING size_bytes";

  /**
   * Walks the artifacts upwards by last access and passes over each whose blob another artifact
   * used later; of equally late ones the last by key stands for the blob. Both steps run on an
   * index, so the cost goes with the limit and not with the number of artifacts.
   */
  static final String LEAST_RECENTLY_USED =
      """
      SELECT a.sha256, b.size_bytes, a.last_access
      FROM artifacts a JOIN blobs b ON b.sha256 = a.sha256
      WHERE NOT EXISTS (
        SELECT 1 FROM artifacts o
        WHERE o.sha256 = a.sha256
          AND (o.last_access > a.last_access
               OR (o.last_access = a.last_access
                   AND (o.remote, o.path, o.variant) > (a.remote, a.path, a.variant))))
      ORDER BY a.last_access
      LIMIT ?\
      """;

  /** One page in the order of the digests; bounded above because it stays within one shard. */
  static final String LIST_BLOBS =
      """
      SELECT b.sha256, b.size_bytes,
             COALESCE((SELECT MAX(a.last_access) FROM artifacts a WHERE a.sha256 = b.sha256), 0)
      FROM blobs b WHERE b.sha256 > ? AND b.sha256 < ?
      ORDER BY b.sha256
      LIMIT ?\
      """;

  /** One page in the order of the keys. */
  static final String LIST_KEYS =
      """
      SELECT remote, path, variant FROM artifacts
      WHERE (remote, path, variant) > (?, ?, ?)
      ORDER BY remote, path, variant
      LIMIT ?\
      """;

  static final String CHECK = "SELECT COUNT(*) FROM (SELECT 1 FROM blobs LIMIT 1) AS first_row";

  static final String COUNT_ARTIFACTS = "SELECT COUNT(*) FROM artifacts";

  static final String TOTAL_BYTES = "SELECT COALESCE(SUM(size_bytes), 0) FROM blobs";

  /** An unchanged one is written again once a day at most, so that it does not grow old. */
  static final String LEARN =
      """
      INSERT INTO promises (remote, name, algorithm, hex, learned_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (remote, name) DO UPDATE SET
        algorithm = excluded.algorithm,
        hex = excluded.hex,
        learned_at = excluded.learned_at
      WHERE promises.hex <> excluded.hex OR promises.learned_at < excluded.learned_at - 86400000\
      """;

  static final String PROMISED =
      "SELECT algorithm, hex FROM promises WHERE remote = ? AND name = ?";

  static final String FORGET_PROMISES =
      """
      DELETE FROM promises WHERE learned_at <=
        (SELECT p.learned_at FROM promises p ORDER BY p.learned_at DESC LIMIT 1 OFFSET ?)\
      """;

  private Sql() {}
}
