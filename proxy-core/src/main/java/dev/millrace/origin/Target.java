package dev.millrace.origin;

/**
 * What one request asks for.
 *
 * @param origin where
 * @param pathAndQuery raw, with a leading slash
 */
record Target(Origin origin, String pathAndQuery) {

  /** Never shows the path: a signed URL is a credential. */
  @Override
  public String toString() {
    return origin.toString();
  }
}
