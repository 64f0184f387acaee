package dev.millrace.it.rig;

/** How the reading of one answer ended. */
public enum End {
  /** The framing said that the body is complete, or a body delimited by close met a clean close. */
  WHOLE,
  /** The peer closed in order before the framing said so. */
  CLOSED_EARLY,
  /** The peer sent a reset. */
  RESET,
  /** The framing itself was invalid. */
  BAD_FRAMING,
  /** Nothing came for the time the reader waits. */
  TIMED_OUT,
  /** The reader had enough. */
  STOPPED;

  /** Whether a client can see that the body is not complete. */
  public boolean visiblyBroken() {
    return this == CLOSED_EARLY || this == RESET || this == BAD_FRAMING;
  }
}
