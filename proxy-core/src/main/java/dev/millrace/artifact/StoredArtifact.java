package dev.millrace.artifact;

/**
 * What the catalog knows of one artifact: which blob it is, its head, and how long it is fresh.
 *
 * <p>Units: times are milliseconds since the epoch.
 *
 * @param key the cache key
 * @param digest SHA-256 of the body, the blob's name
 * @param sizeBytes length of the body as stored
 * @param head representation metadata
 * @param proof what proved the body whole
 * @param storedAtMillis when the body was fetched
 * @param validatedAtMillis when the upstream last confirmed it
 * @param expiresAtMillis end of its freshness; {@link #NEVER} for content that does not change
 */
public record StoredArtifact(
    ArtifactKey key,
    Digest digest,
    long sizeBytes,
    ArtifactHead head,
    Proof proof,
    long storedAtMillis,
    long validatedAtMillis,
    long expiresAtMillis) {

  /** The expiry of immutable content. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Itself, its digest with 64 characters, and the objects around them. */
  private static final int HEAP_BYTES = 320;

  /** Checks what the catalog and the files rely on. */
  public StoredArtifact {
    if (digest.algorithm() != DigestAlgorithm.SHA_256) {
      throw new IllegalArgumentException("a blob is named by SHA-256, not " + digest);
    }
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("sizeBytes " + sizeBytes);
    }
  }

  /**
   * Whether it may be served without asking the upstream at that time. Mutable content that was
   * confirmed in the future is not fresh: the clock was set back, and would keep it too long.
   */
  public boolean isFresh(long nowMillis) {
    return nowMillis < expiresAtMillis && (!isMutable() || nowMillis >= validatedAtMillis);
  }

  /** Whether it has a time to live at all. */
  public boolean isMutable() {
    return expiresAtMillis != NEVER;
  }

  /** Heap bytes of a map's entry from its key to this, about. */
  public int heapBytes() {
    return key.heapBytes() + HEAP_BYTES + head.heapBytes();
  }

  /** The same content under another key, with a freshness of its own. */
  public StoredArtifact under(ArtifactKey other, long expiresAt) {
    return new StoredArtifact(
        other, digest, sizeBytes, head, proof, storedAtMillis, validatedAtMillis, expiresAt);
  }

  /** The same artifact, confirmed by its upstream at that time. */
  public StoredArtifact refreshed(long validatedAt, long expiresAt) {
    return new StoredArtifact(
        key, digest, sizeBytes, head, proof, storedAtMillis, validatedAt, expiresAt);
  }
}
