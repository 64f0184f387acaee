package dev.millrace.fill;

import static dev.millrace.config.Limits.FILL_QUEUE_BYTES;
import static dev.millrace.config.Limits.READ_BUFFER_BYTES;

import dev.millrace.fill.FillQueue.Entry;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * When a fetch of a {@link Fill} is read: while the queue to the fill thread is short and the body
 * budget has room.
 *
 * <p>Whether to read is decided here, on the fill's loop, and nowhere else. A fill thread that
 * drains the queue posts {@link #task} to the loop when it passes the low-water mark; it never
 * reads by itself. Two deciders lose a wake-up: one sees the queue full and stops just after the
 * other saw it drained.
 *
 * <p>Threading: confined to the fill's loop, but {@link #written}.
 */
final class ReadDemand {
  private static final int HIGH_WATER_READS = FILL_QUEUE_BYTES / READ_BUFFER_BYTES;
  private static final int LOW_WATER_READS = HIGH_WATER_READS / 2;

  private final Fill fill;
  private final Side side;
  private final FillQueue queue;
  private final AtomicInteger unwrittenReads = new AtomicInteger();

  // Made once: they are handed over with every read.
  private final Entry done = new Entry.ReadDone(this);
  private final Runnable task = this::demand;
  private final Runnable grantLater = this::grantLater;
  private boolean allowed;
  private boolean askedEarly;
  private boolean reading;
  private boolean waiting;
  private boolean reserved;

  /** Who reads. */
  interface Side {
    /** Whether bytes that are read now have a place. */
    boolean isReceiving();

    /** The loop that this is confined to. */
    EventLoop home();

    /** Asks the socket for one more read. */
    void read();
  }

  ReadDemand(Fill fill, Side side, FillQueue queue) {
    this.fill = fill;
    this.side = side;
    this.queue = queue;
  }

  /** {@link #demand}, to be posted to the fill's loop. */
  Runnable task() {
    return task;
  }

  /** Whether more than one early read may be asked for: there is a file, or memory. */
  void allow(boolean more) {
    allowed = more;
  }

  /** Whether a read is under way or waits for the budget. */
  boolean isReading() {
    return reading;
  }

  /** Asks for one more read if the queue and the budget have room for it. */
  void demand() {
    if (!side.isReceiving()
        || (!allowed && askedEarly)
        || reading
        || unwrittenReads.get() >= HIGH_WATER_READS) {
      return;
    }
    assert side.home().inEventLoop();
    reading = true;
    askedEarly = true;
    if (waiting) {
      // What a read that broke off has asked of the budget is this one's.
      return;
    }
    if (fill.services().budget().reserveOrWait(READ_BUFFER_BYTES, grantLater)) {
      granted();
    } else {
      waiting = true;
    }
  }

  private void grantLater() {
    side.home().execute(this::granted);
  }

  private void granted() {
    waiting = false;
    if (!side.isReceiving() || !reading) {
      fill.services().budget().release(READ_BUFFER_BYTES);
      return;
    }
    reserved = true;
    side.read();
  }

  /**
   * The read that is under way has ended, or will bring nothing more.
   *
   * @param intoQueue whether its bytes are in the queue; else they are accounted for elsewhere
   */
  void settle(boolean intoQueue) {
    reading = false;
    if (reserved) {
      reserved = false;
      if (intoQueue) {
        unwrittenReads.incrementAndGet();
        queue.offer(done);
      } else {
        fill.services().budget().release(READ_BUFFER_BYTES);
      }
    }
  }

  /**
   * A whole granted read is in the file: frees its bytes and asks for more at low water. Threading:
   * on the fill thread.
   */
  void written() {
    fill.services().budget().release(READ_BUFFER_BYTES);
    if (unwrittenReads.decrementAndGet() == LOW_WATER_READS) {
      side.home().execute(task);
    }
  }
}
