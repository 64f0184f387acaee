package dev.millrace.it.rig;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions that come about in another process. */
public final class Await {
  /** How long a condition may take if nothing else is said. */
  public static final Duration LIMIT = Duration.ofSeconds(20);

  private static final Duration POLL = Duration.ofMillis(10);

  private Await() {}

  /** Waits until the condition holds; fails with the dump when it does not within the limit. */
  public static void until(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> dump) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + limit + ": " + what + "\n" + dump.get());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** Lets real time pass, where the passing of time is what the test is about. */
  public static void pass(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    long left = time.toNanos();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = deadline - System.nanoTime();
    }
  }

  /** How long a piece of work takes. */
  public static Duration time(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
