package dev.millrace.store;

import static dev.millrace.config.Limits.LOOKUPS_MAX;
import static dev.millrace.config.Limits.LOOKUP_WAIT_MILLIS;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs blocking look-ups off the event loops, a bounded number at once.
 *
 * <p>Limits: {@code LOOKUPS_MAX} at once; one that waits longer than {@code LOOKUP_WAIT_MILLIS}
 * fails. The number that waits is bounded by the requests that run. Threading: thread-safe.
 */
final class Lookups {
  /** A look-up that may fail. */
  interface Task<T> {
    T run() throws IOException;
  }

  private final Executor blocking;
  private final Semaphore turns = new Semaphore(LOOKUPS_MAX);

  Lookups(Executor blocking) {
    this.blocking = blocking;
  }

  /** Hears once how a look-up ended. */
  interface Outcome<T> {
    void found(T result);

    void failed(Throwable cause);
  }

  /** Runs the task and tells how it ended, on the thread that ran it. */
  <T> void run(Task<T> task, Outcome<T> outcome) {
    blocking.execute(() -> runHere(task, outcome));
  }

  private <T> void runHere(Task<T> task, Outcome<T> outcome) {
    T found;
    try {
      if (!turns.tryAcquire(LOOKUP_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException("a look-up got no turn within " + LOOKUP_WAIT_MILLIS + " ms");
      }
      try {
        found = task.run();
      } finally {
        turns.release();
      }
    } catch (InterruptedException | IOException | RuntimeException | Error e) {
      // An error too: an outcome that is never told leaves an entry that joins askers for ever.
      outcome.failed(e);
      return;
    }
    outcome.found(found);
  }
}
