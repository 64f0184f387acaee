package dev.millrace.origin;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bodies of one length that are to be fetched: who is free takes the next.
 *
 * <p>Limits: {@link #await} gives up after two minutes.
 *
 * <p>Threading: thread-safe.
 */
final class Batch {
  private static final long WAIT_SECONDS = 120;

  private final long bodyBytes;
  private final int atOnce;
  private final AtomicInteger untaken;
  private final AtomicInteger missing;
  private final CompletableFuture<Boolean> end = new CompletableFuture<>();

  /**
   * A batch.
   *
   * @param bodies how many
   * @param bodyBytes length of each
   * @param atOnce how many are wanted at the same time
   */
  Batch(int bodies, long bodyBytes, int atOnce) {
    this.bodyBytes = bodyBytes;
    this.atOnce = atOnce;
    this.untaken = new AtomicInteger(bodies);
    this.missing = new AtomicInteger(bodies);
  }

  /** Length of each body. */
  long bodyBytes() {
    return bodyBytes;
  }

  /** How many are wanted at the same time. */
  int atOnce() {
    return atOnce;
  }

  /** Takes one; false when there is none left. */
  boolean take() {
    return untaken.getAndDecrement() > 0;
  }

  /** A body has ended after so many bytes. */
  void ended(long bytes) {
    if (bytes != bodyBytes) {
      failed(new IOException("a body of " + bytes + " bytes"));
    } else if (missing.decrementAndGet() == 0) {
      end.complete(true);
    }
  }

  /** A body cannot be fetched; the first one fails the batch. */
  void failed(Throwable cause) {
    end.completeExceptionally(cause);
  }

  /** Waits for the last one. Errors: what failed a body, or that it takes too long. */
  void await() throws IOException, InterruptedException {
    try {
      end.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("bodies are missing: " + missing.get(), e);
    }
  }
}
