package dev.millrace.it.rig;

import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a sender or a reader at a number of bytes a second.
 *
 * <p>Threading: confined to the one who is paced.
 */
public final class Pace {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long bytesPerSecond;
  private final long startNanos = System.nanoTime();
  private long passedBytes;

  /** A pace; 0 means as fast as it goes. */
  public Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** How many bytes may be moved at once without the pace looking like bursts. */
  public int stepBytes(int wantedBytes) {
    if (bytesPerSecond == 0) {
      return wantedBytes;
    }
    return (int) Math.max(1, Math.min(wantedBytes, bytesPerSecond / 20));
  }

  /** Counts bytes and waits until they are due. */
  public void passed(long bytes) {
    if (bytesPerSecond == 0) {
      return;
    }
    passedBytes += bytes;
    long dueNanos = startNanos + (long) ((double) passedBytes / bytesPerSecond * NANOS_PER_SECOND);
    long left = dueNanos - System.nanoTime();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(left);
      left = dueNanos - System.nanoTime();
    }
  }
}
