package dev.millrace.cli;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lifetime of this process: until SIGTERM or SIGINT.
 *
 * <p>Threading: {@link #onEnd} and {@link #await} on the main thread; the drain runs on the
 * shutdown hook.
 */
public final class ProcessLifetime implements Lifetime {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessLifetime.class);

  private final Consumer<Thread> hooks;
  private final IntConsumer halt;
  private final Runnable lastWords;

  /**
   * The lifetime of the running JVM.
   *
   * @param lastWords writes out what is still buffered, such as the log
   */
  public ProcessLifetime(Runnable lastWords) {
    this(Runtime.getRuntime()::addShutdownHook, Runtime.getRuntime()::halt, lastWords);
  }

  ProcessLifetime(Consumer<Thread> hooks, IntConsumer halt, Runnable lastWords) {
    this.hooks = hooks;
    this.halt = halt;
    this.lastWords = lastWords;
  }

  @Override
  public void onEnd(Runnable drain) {
    Thread hook = Thread.ofPlatform().name("drain").unstarted(() -> end(drain));
    try {
      hooks.accept(hook);
    } catch (IllegalStateException e) {
      // The signal came while we started, and no hook can be added any more.
      LOG.debug("told to end while starting", e);
      end(drain);
    }
  }

  @Override
  public int await() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Cli.FAILED;
  }

  private void end(Runnable drain) {
    int code = Cli.OK;
    try {
      drain.run();
    } catch (RuntimeException e) {
      LOG.error("the drain failed", e);
      code = Cli.FAILED;
    }
    lastWords.run();
    // After a signal the JVM ends with 128 + its number, whatever the hooks do and even when one
    // calls
    // exit (which would wait for this very hook). A drain that went well is a success to whoever
    // sent
    // the signal, and halting here is the only way to say so. Everything is closed by now.
    halt.accept(code);
  }
}
