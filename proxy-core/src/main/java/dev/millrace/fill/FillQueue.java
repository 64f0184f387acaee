package dev.millrace.fill;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.store.KeptBody;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What waits between the origin's loop and the fill thread of one fill, in order.
 *
 * <p>Limits: the intake stops reading at {@code Limits.FILL_QUEUE_BYTES}, so the queue holds that
 * much and the few pieces that came with the head.
 *
 * <p>Threading: offered on the origin's loop, taken on one fill thread at a time; the lock covers
 * only a swap of two deques.
 *
 * <p>Ownership: a piece in the queue belongs to the queue; who takes it releases it.
 */
final class FillQueue {
  private final Executor threads;
  private final Runnable drain;
  private ArrayDeque<Entry> filling = new ArrayDeque<>();
  private boolean draining;

  /** One thing to do on the fill thread. */
  sealed interface Entry {
    /** Open the staged file: a new one, or what an earlier fetch left. */
    record Open(HeadRule.Store verdict, FetchHead head, @Nullable KeptBody kept) implements Entry {}

    /** Hash what an earlier fetch left in the file, a part at a time. */
    record Rehash() implements Entry {}

    /** Write and hash. */
    record Piece(ByteBuf bytes) implements Entry {}

    /** The next pieces are the body from there; what is there already is compared. */
    record Again(long firstByte) implements Entry {}

    /** Every piece of one granted read is in front of this: its reservation is free. */
    record ReadDone() implements Entry {}

    /** The body ended. */
    record End(BodyEnd end) implements Entry {}

    /** The fetch broke. */
    record Broken(FillFailure failure) implements Entry {}
  }

  /** A queue that runs {@code drain} on {@code threads} whenever there is something to take. */
  FillQueue(Executor threads, Runnable drain) {
    this.threads = threads;
    this.drain = drain;
  }

  void offer(Entry entry) {
    boolean schedule;
    synchronized (this) {
      filling.add(entry);
      schedule = !draining;
      draining = true;
    }
    if (schedule) {
      threads.execute(drain);
    }
  }

  /**
   * Takes all there is into the empty deque; false ends this drain, the next offer starts another.
   */
  synchronized boolean take(ArrayDeque<Entry> empty) {
    assert empty.isEmpty();
    if (filling.isEmpty()) {
      draining = false;
      return false;
    }
    empty.addAll(filling);
    filling.clear();
    return true;
  }

  /** Takes all there is, for good: no drain is scheduled any more. */
  synchronized ArrayDeque<Entry> takeOver() {
    draining = true;
    ArrayDeque<Entry> rest = filling;
    filling = new ArrayDeque<>();
    return rest;
  }
}
