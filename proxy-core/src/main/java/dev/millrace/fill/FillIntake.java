package dev.millrace.fill;

import static dev.millrace.config.Limits.FILL_QUEUE_BYTES;
import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.config.Limits.SMALL_BODY_WAIT;
import static dev.millrace.config.Limits.SMALL_PIECE_BYTES;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's side of a {@link Fill}: takes pieces, and asks for more only while the queue to
 * the fill thread is short and the body budget has room.
 *
 * <p>Whether to read is decided here, on the fetch's loop, and nowhere else. A fill thread that
 * drains the queue posts {@link #demand} to the loop when it passes the low-water mark; it never
 * reads by itself. Two deciders lose a wake-up: one sees the queue full and stops just after the
 * other saw it drained.
 *
 * <p>Threading: confined to the fetch's event loop, but {@link #readWritten} and {@link #abandon}.
 *
 * <p>Ownership: pieces pass on to the queue, to the small fill or to the relay; the one small piece
 * held back is released by {@link #flushSmall} or {@link #close}.
 */
final class FillIntake implements FetchSink {
  private static final int HIGH_WATER_READS = FILL_QUEUE_BYTES / READ_BUFFER_BYTES;
  private static final int LOW_WATER_READS = HIGH_WATER_READS / 2;
  private static final Entry READ_DONE = new Entry.ReadDone();

  private enum Mode {
    /** The head has not come. */
    HEAD,
    /** Pieces go to the queue. */
    STAGING,
    /** Pieces go into memory. */
    GATHERING,
    /** Everything goes to the leader's relay. */
    RELAYING,
    /** Nothing is taken any more. */
    CLOSED
  }

  private final Fill fill;
  private final FillQueue queue;
  private final AtomicInteger unwrittenReads = new AtomicInteger();

  // Made once: they are handed over with every read.
  private final Runnable demand = this::demand;
  private final Runnable grantLater = this::grantLater;
  private Mode mode = Mode.HEAD;
  private volatile @Nullable FetchFlow flow;
  private @Nullable FetchHead head;
  private @Nullable SmallFill smallFill;
  private @Nullable ByteBuf small;
  private boolean smallIsWide;
  private volatile @Nullable FillFailure abandoned;
  private boolean writable;
  private boolean askedEarly;
  private @Nullable Runnable handOver;
  private boolean reading;
  private boolean reserved;

  FillIntake(Fill fill, FillQueue queue) {
    this.fill = fill;
    this.queue = queue;
  }

  @Override
  public void onHead(FetchHead received, FetchFlow source) {
    assert source.loop().inEventLoop();
    flow = source;
    head = received;
    FillFailure left = abandoned;
    if (left != null) {
      source.cancel();
      mode = Mode.CLOSED;
      fill.failed(left);
      return;
    }
    fill.upstreamHeadArrived();
    switch (fill.order().rule().decide(received)) {
      case HeadRule.Store store -> store(store, received, source);
      case HeadRule.Relay() -> {
        mode = Mode.RELAYING;
        fill.relayed();
        fill.order().relay().onHead(received, source);
      }
      case HeadRule.Answer() -> {
        mode = Mode.CLOSED;
        fill.answered(received);
        if (received.framing() != FetchHead.Framing.NONE) {
          source.cancel();
        }
      }
    }
  }

  private void store(HeadRule.Store verdict, FetchHead received, FetchFlow source) {
    smallFill = SmallFill.begin(fill, verdict, received);
    if (smallFill == null) {
      mode = Mode.STAGING;
      queue.offer(new Entry.Open(verdict, received));
      // One read need not wait for the file: both are ready sooner.
      source.loop().execute(demand);
    } else {
      mode = Mode.GATHERING;
      writable = true;
      // Later: the body often came with the head, and then nothing has to be read.
      source.loop().execute(this::awaitRest);
    }
  }

  private void awaitRest() {
    if (mode == Mode.GATHERING) {
      FetchFlow source = flow;
      assert source != null;
      var ignored =
          source
              .loop()
              .schedule(this::growInFile, SMALL_BODY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      demand();
    }
  }

  /** It takes its time: who waits for it is to have the head and what there is. */
  private void growInFile() {
    if (mode == Mode.GATHERING) {
      SmallFill gathering = gathering();
      FetchHead received = head;
      assert received != null;
      mode = Mode.STAGING;
      smallFill = null;
      writable = false;
      queue.offer(new Entry.Open(gathering.verdict(), received));
      stage(gathering.handOver());
      flushSmall();
    }
  }

  @Override
  public void onBody(ByteBuf piece) {
    switch (mode) {
      case STAGING -> stage(piece);
      case GATHERING -> {
        SmallFill gathering = gathering();
        if (!gathering.add(piece)) {
          breakOff(gathering.tooLong());
        }
      }
      case RELAYING -> fill.order().relay().onBody(piece);
      case HEAD, CLOSED -> piece.release();
    }
  }

  @Override
  public void onReadComplete() {
    switch (mode) {
      case STAGING -> {
        flushSmall();
        settleRead();
        if (handOver == null) {
          demand();
        } else {
          handOver.run();
        }
      }
      case GATHERING -> {
        settleRead();
        demand();
      }
      case RELAYING -> fill.order().relay().onReadComplete();
      case HEAD, CLOSED -> {
        // A read that was under way when the fill closed; close() has settled it.
      }
    }
  }

  @Override
  public void onEnd(BodyEnd end) {
    switch (mode) {
      case STAGING -> {
        flushSmall();
        settleRead();
        mode = Mode.CLOSED;
        queue.offer(new Entry.End(end));
        if (handOver != null) {
          handOver.run();
        }
      }
      case GATHERING -> {
        settleRead();
        mode = Mode.CLOSED;
        gathering().finish(end);
      }
      case RELAYING -> fill.order().relay().onEnd(end);
      case HEAD, CLOSED -> {
        // An answer without a body ends after its head.
      }
    }
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    switch (mode) {
      case HEAD -> {
        mode = Mode.CLOSED;
        fill.failed(new FillFailure(reason, detail));
      }
      case STAGING, GATHERING -> breakOff(new FillFailure(reason, detail));
      case RELAYING -> fill.order().relay().onFailure(reason, detail);
      case CLOSED -> {
        // The fill ended before; a later fault of its connection says nothing new.
      }
    }
  }

  /** The staged file is open: reading may go on. */
  void stagedFileOpened() {
    FetchFlow source = flow;
    assert source != null;
    source
        .loop()
        .execute(() -> {
          writable = true;
          demand();
        });
  }

  /** The staged file could not be opened: what came so far, and the rest, goes to the relay. */
  void degradeToRelay(FillQueue handedOver, ArrayDeque<Entry> taken) {
    FetchFlow source = flow;
    FetchHead received = head;
    assert source != null && received != null;
    Runnable all =
        () -> {
          flushSmall();
          if (mode == Mode.STAGING) {
            mode = Mode.RELAYING;
          }
          fill.relayed();
          FetchSink relay = fill.order().relay();
          ArrayDeque<Entry> entries = new ArrayDeque<>(taken);
          entries.addAll(handedOver.takeOver());
          if (entries.contains(READ_DONE)) {
            relay.adoptRead(() -> fill.services().budget().release(READ_BUFFER_BYTES));
          }
          relay.onHead(received, source);
          entries.forEach(entry -> replay(entry, relay));
        };
    source
        .loop()
        .execute(() -> {
          if (reading) {
            // The relay asks for reads of its own, and there is one at a time.
            handOver = all;
          } else {
            all.run();
          }
        });
  }

  private static void replay(Entry entry, FetchSink relay) {
    switch (entry) {
      case Entry.Piece(ByteBuf bytes) -> relay.onBody(bytes);
      case Entry.End(BodyEnd end) -> relay.onEnd(end);
      case Entry.Broken(FillFailure failure) -> relay.onFailure(failure.reason(), failure.detail());
      case Entry.Open open -> throw new AssertionError("opened twice: " + open);
      case Entry.ReadDone() -> relay.onReadComplete();
    }
  }

  /** A whole granted read is in the file: frees its bytes and wakes the intake at low water. */
  void readWritten() {
    fill.services().budget().release(READ_BUFFER_BYTES);
    if (unwrittenReads.decrementAndGet() == LOW_WATER_READS) {
      FetchFlow source = flow;
      assert source != null;
      source.loop().execute(demand);
    }
  }

  private void grantLater() {
    FetchFlow source = flow;
    assert source != null;
    source.loop().execute(this::granted);
  }

  /** Gives the fetch up, from any thread: now if its head came, else when it comes. */
  void abandon(FillFailure failure) {
    abandoned = failure;
    FetchFlow source = flow;
    if (source != null) {
      source
          .loop()
          .execute(() -> {
            if (isTaking()) {
              breakOff(failure);
            }
          });
    }
  }

  private void breakOff(FillFailure failure) {
    SmallFill gathering = smallFill;
    close();
    if (gathering == null) {
      queue.offer(new Entry.Broken(failure));
      if (handOver != null) {
        handOver.run();
      }
    } else {
      gathering.discard();
      fill.failed(failure);
    }
  }

  /** Whether the body still comes, for a file or for memory. */
  private boolean isTaking() {
    return mode == Mode.STAGING || mode == Mode.GATHERING;
  }

  private SmallFill gathering() {
    SmallFill gathering = smallFill;
    assert gathering != null;
    return gathering;
  }

  /** Takes nothing any more and ends the fetch; harmless on a fetch that has ended. */
  private void close() {
    flushSmall();
    settleRead();
    mode = Mode.CLOSED;
    FetchFlow source = flow;
    if (source != null) {
      source.cancel();
    }
  }

  /** Asks for one more read if the queue and the budget have room for it. */
  private void demand() {
    if (!isTaking()
        || (!writable && askedEarly)
        || reading
        || unwrittenReads.get() >= HIGH_WATER_READS) {
      return;
    }
    FetchFlow source = flow;
    assert source != null && source.loop().inEventLoop();
    reading = true;
    askedEarly = true;
    if (fill.services().budget().reserveOrWait(READ_BUFFER_BYTES, grantLater)) {
      granted();
    }
  }

  private void granted() {
    if (!isTaking()) {
      fill.services().budget().release(READ_BUFFER_BYTES);
      return;
    }
    FetchFlow source = flow;
    assert source != null;
    reserved = true;
    source.read();
  }

  private void settleRead() {
    reading = false;
    if (reserved) {
      reserved = false;
      if (smallFill == null) {
        unwrittenReads.incrementAndGet();
        queue.offer(READ_DONE);
      } else {
        fill.services().budget().release(READ_BUFFER_BYTES);
      }
    }
  }

  private void stage(ByteBuf piece) {
    if (!piece.isReadable()) {
      piece.release();
    } else if (piece.readableBytes() >= SMALL_PIECE_BYTES) {
      flushSmall();
      queue.offer(new Entry.Piece(piece));
    } else {
      gather(piece);
    }
  }

  /** Joins tiny chunks of one read, so that a hostile chunking costs no object for each byte. */
  private void gather(ByteBuf piece) {
    ByteBuf held = small;
    if (held == null) {
      small = piece;
      return;
    }
    if (held.readableBytes() + piece.readableBytes() > READ_BUFFER_BYTES) {
      flushSmall();
      small = piece;
      return;
    }
    if (!smallIsWide) {
      // As large as need be: a wide buffer for every two tiny chunks would multiply the queue.
      int together = held.readableBytes() + piece.readableBytes();
      ByteBuf wide = ByteBufAllocator.DEFAULT.directBuffer(together, READ_BUFFER_BYTES);
      wide.writeBytes(held);
      held.release();
      held = wide;
      small = wide;
      smallIsWide = true;
    }
    held.writeBytes(piece);
    piece.release();
  }

  private void flushSmall() {
    if (small != null) {
      ByteBuf held = small;
      small = null;
      smallIsWide = false;
      queue.offer(new Entry.Piece(held));
    }
  }
}
