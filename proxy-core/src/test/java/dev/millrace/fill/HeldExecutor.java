package dev.millrace.fill;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * Fill threads that a test can hold back.
 *
 * <p>Threading: thread-safe.
 */
final class HeldExecutor implements Executor {
  private final Executor threads;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean held;
  private int busy;

  HeldExecutor(Executor threads) {
    this.threads = threads;
  }

  /** Keeps every further task. */
  synchronized void hold() {
    held = true;
  }

  /** Lets the kept tasks go, and every further one. */
  synchronized void letGo() {
    held = false;
    waiting.forEach(this::run);
    waiting.clear();
  }

  /** Whether no task runs or is about to. */
  synchronized boolean isIdle() {
    return busy == 0;
  }

  @Override
  public synchronized void execute(Runnable task) {
    if (held) {
      waiting.add(task);
    } else {
      run(task);
    }
  }

  private void run(Runnable task) {
    busy++;
    threads.execute(() -> {
      try {
        task.run();
      } finally {
        done();
      }
    });
  }

  private synchronized void done() {
    busy--;
  }
}
