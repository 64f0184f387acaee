package dev.millrace.store;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Where the store's work runs.
 *
 * @param own makes the threads {@code store-writer} and {@code store-recovery}, which live as long
 *     as the store and must never be interrupted (see {@link dev.millrace.storage.OpenFile})
 * @param blocking runs short tasks that block on the catalog or the disk, a virtual thread for
 *     each; it must neither refuse nor interrupt them while the store is open
 * @param nap lets so many nanoseconds pass on {@code store-writer}, or as few as a test wants
 */
public record StoreThreads(ThreadFactory own, Executor blocking, LongConsumer nap) {
  /** Those whose naps take their time. */
  public StoreThreads(ThreadFactory own, Executor blocking) {
    this(own, blocking, LockSupport::parkNanos);
  }

  Thread start(String name, Runnable task) {
    Thread thread = own.newThread(task);
    thread.setName(name);
    thread.start();
    return thread;
  }
}
