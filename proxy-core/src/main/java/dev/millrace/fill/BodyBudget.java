package dev.millrace.fill;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The global budget of body bytes in memory. A read from an upstream is asked for only after its
 * bytes were reserved here; when the budget is spent, fetches wait in line and nothing is
 * allocated.
 *
 * <p>Units: bytes. Limits: {@code maxBytes} in all; the line is as long as there are fills.
 *
 * <p>Threading: thread-safe; the lock is never held during I/O or while a waiter runs.
 */
public final class BodyBudget {
  private static final Logger LOG = LoggerFactory.getLogger(BodyBudget.class);

  private final long maxBytes;
  private final ArrayDeque<Waiter> line = new ArrayDeque<>();
  private long usedBytes;
  private long peakBytes;
  private long waits;

  /** One that waits; {@code granted} runs on the thread that gives bytes back. */
  private record Waiter(int bytes, Runnable granted) {}

  /** A budget of that many bytes. */
  public BodyBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Reserves bytes. True: they are reserved. False: {@code granted} runs later, once, after they
   * were reserved for it; on whatever thread gives bytes back, so it must only hop to its own.
   */
  public synchronized boolean reserveOrWait(int bytes, Runnable granted) {
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(bytes + " bytes of a budget of " + maxBytes);
    }
    if (line.isEmpty() && usedBytes + bytes <= maxBytes) {
      take(bytes);
      return true;
    }
    waits++;
    line.add(new Waiter(bytes, granted));
    return false;
  }

  /**
   * Reserves bytes that can be done without: only if nobody waits for any, and half of the budget
   * stays free for those that cannot.
   */
  public synchronized boolean tryReserve(int bytes) {
    if (!line.isEmpty() || usedBytes + bytes > maxBytes / 2) {
      return false;
    }
    take(bytes);
    return true;
  }

  /** Gives reserved bytes back and grants those in line that fit now, in order. */
  public void release(int bytes) {
    int back = bytes;
    for (@Nullable Waiter next = giveBack(back); next != null; next = giveBack(back)) {
      back = 0;
      try {
        next.granted().run();
      } catch (RejectedExecutionException e) {
        // Its loop has ended: what it waited for is for the next in line.
        LOG.debug("a grant came too late", e);
        back = next.bytes();
      }
    }
  }

  private synchronized @Nullable Waiter giveBack(int bytes) {
    usedBytes -= bytes;
    assert usedBytes >= 0 : "more given back than was reserved";
    Waiter first = line.peek();
    if (first == null || usedBytes + first.bytes() > maxBytes) {
      return null;
    }
    take(first.bytes());
    return line.poll();
  }

  private void take(int bytes) {
    usedBytes += bytes;
    peakBytes = Math.max(peakBytes, usedBytes);
  }

  /** Bytes reserved now. */
  public synchronized long usedBytes() {
    return usedBytes;
  }

  /** The most bytes that were ever reserved at once. */
  public synchronized long peakBytes() {
    return peakBytes;
  }

  /** How often a fetch had to wait in line. */
  public synchronized long waits() {
    return waits;
  }

  /** The most that can be reserved. */
  public long maxBytes() {
    return maxBytes;
  }
}
