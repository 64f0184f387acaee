package dev.millrace.server;

/**
 * How much of a body is handed over, and since when bytes wait for the client to take them.
 *
 * <p>Units: bytes; nanoseconds on the loop's clock. Threading: confined to the client's loop.
 */
final class BodyProgress {
  private long sentBytes;
  private int unfinished;
  private boolean busy;
  private long busySinceNanos;
  private long busyFromBytes;

  /** A piece is handed over, or waits for the client to take what is before it. */
  void began(long nowNanos) {
    unfinished++;
    if (!busy) {
      busy = true;
      busySinceNanos = nowNanos;
      busyFromBytes = sentBytes;
    }
  }

  /** A piece has left. */
  void sent(long bytes) {
    unfinished--;
    sentBytes += bytes;
  }

  /** Looks whether another piece is on its way already; else the client has all that there was. */
  void settle() {
    busy = unfinished > 0;
  }

  /** The client takes nothing any more. */
  void stop() {
    busy = false;
  }

  /** Bytes that have left. */
  long sentBytes() {
    return sentBytes;
  }

  /** Whether bytes wait for the client to take them. */
  boolean isBusy() {
    return busy;
  }

  /** Since when bytes have waited for the client without a pause. */
  long busySinceNanos() {
    return busySinceNanos;
  }

  /** {@link #sentBytes} at {@link #busySinceNanos}. */
  long busyFromBytes() {
    return busyFromBytes;
  }
}
