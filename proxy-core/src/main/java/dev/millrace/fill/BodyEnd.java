package dev.millrace.fill;

/** How a body ended. */
public enum BodyEnd {
  /** No body was announced. */
  NONE,
  /** The declared number of bytes came. */
  LENGTH_MET,
  /**
   * The declared number of bytes came, and behind it an unasked-for response (bytes that begin with
   * {@code HTTP/}). The body is whole by RFC 9112 §6.3, the connection was thrown away, nothing is
   * stored.
   */
  LENGTH_MET_UNSOLICITED,
  /** The last chunk came. */
  LAST_CHUNK,
  /** The upstream closed a body that only its close delimits. */
  CLOSED
}
