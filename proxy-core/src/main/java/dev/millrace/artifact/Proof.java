package dev.millrace.artifact;

/** What proved that a stored body is whole. */
public enum Proof {
  /** It hashed to a digest that was known beforehand. */
  DIGEST,
  /** It had the length that the upstream declared. */
  LENGTH,
  /** The chunked coding ended with its last chunk; an intermediary could have cut it before. */
  LAST_CHUNK
}
