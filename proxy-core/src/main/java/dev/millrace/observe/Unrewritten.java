package dev.millrace.observe;

/**
 * Why the links of an index are not led through the proxy. Each reason is the label of the counter
 * and the {@code detail} of the answer.
 */
public enum Unrewritten {
  /** It is larger than {@code limits.max_rewrite_bytes}. */
  TOO_LARGE,
  /** Its media type or its coding is none that an index of the package type has. */
  UNKNOWN_TYPE,
  /** It is not what its media type says. */
  MALFORMED,
  /** Its upstream forbids to store it, or it has no certain end. */
  NOT_STORED,
  /** Too many others are being read. */
  BUSY,
  /** It could not be read, or there was no place for the copy. */
  STORAGE;

  /** The spelling in metrics, logs and answers. */
  public String label() {
    return "unrewritten-" + Labels.of(this);
  }
}
