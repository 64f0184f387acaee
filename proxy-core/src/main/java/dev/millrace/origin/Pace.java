package dev.millrace.origin;

import dev.millrace.observe.FetchFailure;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Judges how fast a body comes, counting only the time in which a read was outstanding: a fill that
 * pauses is not the upstream's fault.
 *
 * <p>Two limits: the time without any byte, and the bytes within a window of waiting time as long
 * as that limit.
 *
 * <p>Units: nanoseconds of the client's clock.
 *
 * <p>Threading: confined to one event loop.
 */
final class Pace {
  private final long idleNanos;
  private final long windowBytesMin;
  private long waitingSinceNanos;
  private boolean waiting;
  private long windowNanos;
  private long windowBytes;

  /**
   * One body's pace.
   *
   * @param minRate bytes a second, over {@code idle} of waiting
   */
  Pace(Duration idle, long minRate) {
    this.idleNanos = idle.toNanos();
    this.windowBytesMin = (long) (minRate * (idleNanos / (double) TimeUnit.SECONDS.toNanos(1)));
  }

  /** A read is outstanding from now on. */
  void waitFrom(long nowNanos) {
    waiting = true;
    waitingSinceNanos = nowNanos;
  }

  /** Body bytes came, and nothing is waited for until the next {@link #waitFrom}. */
  void received(int bytes, long nowNanos) {
    settle(nowNanos);
    waiting = false;
    windowBytes += bytes;
  }

  /** Which limit is broken now, or null. */
  @Nullable FetchFailure judge(long nowNanos) {
    if (waiting && nowNanos - waitingSinceNanos >= idleNanos) {
      return FetchFailure.IDLE_TIMEOUT;
    }
    long open = waiting ? nowNanos - waitingSinceNanos : 0;
    if (windowNanos + open < idleNanos) {
      return null;
    }
    boolean slow = windowBytes < windowBytesMin;
    windowNanos = -open;
    windowBytes = 0;
    return slow ? FetchFailure.TOO_SLOW : null;
  }

  /** Nanoseconds until {@link #judge} can find anything, if nothing comes. */
  long nextNanos(long nowNanos) {
    return waiting ? idleNanos - (nowNanos - waitingSinceNanos) : idleNanos;
  }

  private void settle(long nowNanos) {
    if (waiting) {
      windowNanos += nowNanos - waitingSinceNanos;
    }
  }
}
