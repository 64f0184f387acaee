package dev.millrace.artifact;

/** The hash functions that formats promise; SHA-256 is the one that names blobs. */
public enum DigestAlgorithm {
  SHA_256("sha256", "SHA-256", 32),
  SHA_512("sha512", "SHA-512", 64),
  SHA_1("sha1", "SHA-1", 20),
  /**
   * Detects damage, proves nothing against an attacker; some object stores promise nothing else.
   */
  MD5("md5", "MD5", 16);

  private final String label;
  private final String jcaName;
  private final int sizeBytes;

  DigestAlgorithm(String label, String jcaName, int sizeBytes) {
    this.label = label;
    this.jcaName = jcaName;
    this.sizeBytes = sizeBytes;
  }

  /** The lower-case name used in paths, tags and logs, such as {@code sha256}. */
  public String label() {
    return label;
  }

  /** The name a Java security provider knows it by. */
  public String jcaName() {
    return jcaName;
  }

  /** Length of the value in bytes. */
  public int sizeBytes() {
    return sizeBytes;
  }
}
