package dev.millrace.fill;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.store.KeptBody;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What waits between the fill's loop and the fill thread of one fill, in order.
 *
 * <p>Limits: each fetch stops reading at {@code Limits.FILL_QUEUE_BYTES}, so the queue holds that
 * much for each of them and the few pieces that came with their heads.
 *
 * <p>Threading: offered on the fill's loop, taken on one fill thread at a time; the lock covers
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
    /**
     * Open the staged file.
     *
     * @param verdict what was decided
     * @param head the head of the whole body
     * @param kept what an earlier fetch left of it; null for nothing
     * @param inParts whether the body may never become whole, so that its place is taken as it
     *     comes
     */
    record Open(HeadRule.Store verdict, FetchHead head, @Nullable KeptBody kept, boolean inParts)
        implements Entry {}

    /** Write and hash. */
    record Piece(ByteBuf bytes) implements Entry {}

    /** The next pieces are the body from there; what is there already is compared. */
    record Again(long firstByte) implements Entry {}

    /** Write where the segment ends, and hash if that is where the hash ends. */
    record SegmentPiece(Segment segment, ByteBuf bytes) implements Entry {}

    /** The last byte of the body is in a segment, and its fetch ended behind it. */
    record TailCame() implements Entry {}

    /** Every piece of one granted read is in front of this: its reservation is free. */
    record ReadDone(ReadDemand of) implements Entry {}

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

  /** Takes all there is into the empty deque; the drain goes on, whatever there was. */
  synchronized void poll(ArrayDeque<Entry> empty) {
    assert empty.isEmpty();
    empty.addAll(filling);
    filling.clear();
  }

  /** Takes all there is, for good: no drain is scheduled any more. */
  synchronized ArrayDeque<Entry> takeOver() {
    draining = true;
    ArrayDeque<Entry> rest = filling;
    filling = new ArrayDeque<>();
    return rest;
  }
}
