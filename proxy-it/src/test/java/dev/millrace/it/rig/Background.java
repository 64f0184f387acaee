package dev.millrace.it.rig;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/**
 * Work that runs beside the test, on a virtual thread.
 *
 * <p>Errors: {@link #join} throws what the work threw.
 */
public final class Background<T> {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final FutureTask<T> task;

  private Background(Callable<T> work) {
    task = new FutureTask<>(work);
  }

  /** Starts the work. */
  public static <T> Background<T> start(Callable<T> work) {
    Background<T> started = new Background<>(work);
    Thread.ofVirtual().start(started.task);
    return started;
  }

  /** Starts {@code count} pieces of work at once and waits for all. */
  public static <T> List<T> all(int count, IntFunction<Callable<T>> work) {
    List<Background<T>> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(start(work.apply(i)));
    }
    List<T> results = new ArrayList<>();
    for (Background<T> one : started) {
      results.add(one.join());
    }
    return results;
  }

  /** Whether the work has ended, well or not. */
  public boolean isDone() {
    return task.isDone();
  }

  /** Waits for the work and gives its result. */
  public T join() {
    try {
      return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("background work failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("background work did not end within " + LIMIT, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
