package dev.millrace.it.rig;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Holds a body at an offset until the test lets it go on.
 *
 * <p>Threading: thread-safe by its latches.
 */
public final class Gate {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final long atBytes;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /** A gate before the byte at this offset. */
  public Gate(long atBytes) {
    this.atBytes = atBytes;
  }

  /** The offset at which the body is held. */
  public long atBytes() {
    return atBytes;
  }

  /** Waits until a body is held here. */
  public void awaitReached() {
    if (!waitFor(reached)) {
      throw new AssertionError("no body came to the gate at " + atBytes);
    }
  }

  /** Whether a body has come here. */
  public boolean isReached() {
    return reached.getCount() == 0;
  }

  /** Lets every body pass from now on. */
  public void release() {
    released.countDown();
  }

  /** Called by a script: reports that it came here, and waits for the release. */
  public void hold() {
    reached.countDown();
    if (!waitFor(released)) {
      throw new IllegalStateException("nobody released the gate at " + atBytes);
    }
  }

  private static boolean waitFor(CountDownLatch latch) {
    try {
      return latch.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
