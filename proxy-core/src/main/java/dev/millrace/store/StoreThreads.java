package dev.millrace.store;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Where the store's work runs.
 *
 * @param own makes the threads {@code store-writer} and {@code store-recovery}, which live as long
 *     as the store and must never be interrupted (see {@link dev.millrace.storage.OpenFile})
 * @param blocking runs short tasks that block on the catalog or the disk, a virtual thread for
 *     each; it must neither refuse nor interrupt them while the store is open
 */
public record StoreThreads(ThreadFactory own, Executor blocking) {
  Thread start(String name, Runnable task) {
    Thread thread = own.newThread(task);
    thread.setName(name);
    thread.start();
    return thread;
  }
}
