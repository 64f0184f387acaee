package dev.millrace.origin;

import static dev.millrace.config.Limits.BREAKER_FAILURES;
import static dev.millrace.config.Limits.BREAKER_HOLD_MAX;
import static dev.millrace.config.Limits.BREAKER_PROBE;
import static dev.millrace.config.Limits.BREAKER_WAIT_FIRST;
import static dev.millrace.config.Limits.BREAKER_WAIT_MAX;

import java.util.HashSet;
import java.util.Set;

/**
 * Whether an origin is asked at all: after some failures in a row it is left alone for a while, and
 * then asked by one fetch first.
 *
 * <pre>
 * CLOSED ──failures──► OPEN ──the wait is over──► PROBING ──success──► CLOSED
 *                       ▲                            └────failure, twice the wait────► OPEN
 * </pre>
 *
 * <p>Limits: {@code Limits.BREAKER_FAILURES} in a row, or as many wrong bodies; waits from {@code
 * BREAKER_WAIT_FIRST} to {@code BREAKER_WAIT_MAX}, and as long as the origin asks for up to {@code
 * BREAKER_HOLD_MAX}. A probe that says nothing holds its place for {@code BREAKER_PROBE}.
 *
 * <p>Units: nanoseconds of one monotonic clock.
 *
 * <p>Threading: thread-safe by its own monitor, held for a few comparisons.
 */
final class Breaker {
  private enum State {
    /** Everybody is admitted. */
    CLOSED,
    /** Nobody is, until the wait is over. */
    OPEN,
    /** One was, to find out. */
    PROBING
  }

  /** Nobody is to ask. */
  static final int REFUSED = -1;

  private static final int USUAL = 0;

  /** More make the longest wait in any case. */
  private static final int DOUBLINGS_MAX = 16;

  private State state = State.CLOSED;
  private int probe;
  private int failures;
  private final Set<String> wrongBodies = new HashSet<>();
  private int wrongRounds;
  private boolean openByBodies;
  private long waitNanos;
  private long untilNanos;

  /**
   * Lets a fetch ask the origin, or not: {@link #REFUSED}. It says how that went, and with which
   * admission.
   */
  synchronized int admit(long now) {
    if (state == State.CLOSED) {
      return USUAL;
    }
    if (now - untilNanos < 0) {
      return REFUSED;
    }
    state = State.PROBING;
    untilNanos = now + BREAKER_PROBE.toNanos();
    return ++probe;
  }

  /** A fetch ends without having found out anything: the next may. */
  synchronized void left(long now, int admission) {
    if (state == State.PROBING && admission == probe) {
      untilNanos = now;
    }
  }

  /**
   * A body of the origin was right, or not what it had been promised to be: as many wrong ones as
   * failures count like them, each path once, so that nobody opens it by asking again for one that
   * is broken. Only a right one makes them forgotten: a head that answers says nothing of a body.
   * True: the origin is left alone from now on.
   */
  synchronized boolean judged(String path, boolean right, long now) {
    if (right) {
      wrongBodies.clear();
      wrongRounds = 0;
      return false;
    }
    if (state == State.OPEN || !wrongBodies.add(path) || wrongBodies.size() < BREAKER_FAILURES) {
      return false;
    }
    wrongBodies.clear();
    int doublings = Math.min(wrongRounds++, DOUBLINGS_MAX);
    waitNanos = Math.min(BREAKER_WAIT_FIRST.toNanos() << doublings, BREAKER_WAIT_MAX.toNanos());
    state = State.OPEN;
    openByBodies = true;
    untilNanos = now + waitNanos;
    return true;
  }

  /** The origin answered. True: it had not for a while, and is asked by all again. */
  synchronized boolean succeeded() {
    if (state == State.OPEN && openByBodies) {
      // A head says nothing of bodies.
      return false;
    }
    boolean closes = state != State.CLOSED;
    state = State.CLOSED;
    failures = 0;
    waitNanos = 0;
    return closes;
  }

  /**
   * The origin did not answer, or that it is out. True: it is left alone from now on.
   *
   * @param wishedNanos how long it asks to be left alone
   * @param admission of the fetch that found it so
   */
  synchronized boolean failed(long now, long wishedNanos, int admission) {
    switch (state) {
      case CLOSED -> {
        if (++failures < BREAKER_FAILURES) {
          return false;
        }
        waitNanos = BREAKER_WAIT_FIRST.toNanos();
      }
      case PROBING -> {
        if (admission != probe) {
          return false;
        }
        waitNanos = Math.min(2 * waitNanos, BREAKER_WAIT_MAX.toNanos());
      }
      case OPEN -> {
        // It was asked before the others failed.
        return false;
      }
    }
    state = State.OPEN;
    openByBodies = false;
    long wished = Math.min(wishedNanos, BREAKER_HOLD_MAX.toNanos());
    untilNanos = now + Math.max(waitNanos, wished);
    return true;
  }
}
