package dev.millrace.it.rig;

/** How an upstream delimits a body. */
public enum Framing {
  /** By {@code Content-Length}. */
  LENGTH,
  /** By chunks. */
  CHUNKED,
  /** By closing the connection. */
  CLOSE
}
