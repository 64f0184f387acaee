package dev.millrace.format;

/** How content behind a path changes. */
public enum ContentClass {
  /** Never: stored until evicted, or for the remote's {@code immutable_ttl}. */
  IMMUTABLE,
  /** Any time: fresh for the remote's {@code mutable_ttl}, then revalidated. */
  MUTABLE,
  /** Not an artifact: relayed, never stored. */
  PASS_THROUGH
}
