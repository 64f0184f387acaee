package dev.millrace.fill;

import static dev.millrace.config.Limits.FILL_QUEUE_BYTES;
import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.config.Limits.SMALL_BODY_WAIT;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
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
 * <p>A body that breaks off is asked for again where {@link Resumption} allows: then another fetch
 * takes the place of the first.
 *
 * <p>Threading: confined to the loop of the first fetch, but {@link #readWritten}, {@link
 * #stagedFileOpened}, {@link #degradeToRelay} and {@link #abandon}.
 *
 * <p>Ownership: pieces pass on to the queue, to the small fill or to the relay.
 */
final class FillIntake implements Resumption.Host {
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
    /** The body broke off and its rest was asked for. */
    RESUMING,
    /** Everything goes to the leader's relay. */
    RELAYING,
    /** Nothing is taken any more. */
    CLOSED
  }

  private final Fill fill;
  private final FillQueue queue;
  private final SmallPieces pieces;
  private final AtomicInteger unwrittenReads = new AtomicInteger();

  // Made once: they are handed over with every read.
  private final Runnable demand = this::demand;
  private final Runnable grantLater = this::grantLater;
  private Mode mode = Mode.HEAD;
  private volatile @Nullable EventLoop home;
  private @Nullable FetchFlow flow;
  private @Nullable FetchHead head;
  private HeadRule.@Nullable Store verdict;
  private @Nullable SmallFill smallFill;
  private @Nullable Resumption resumption;
  private long cameBytes;
  private long atByte;
  private long wholeBytes = -1;
  private volatile @Nullable FillFailure abandoned;
  private boolean writable;
  private boolean askedEarly;
  private @Nullable Runnable handOver;
  private boolean reading;
  private boolean waiting;
  private boolean reserved;

  FillIntake(Fill fill, FillQueue queue) {
    this.fill = fill;
    this.queue = queue;
    this.pieces = new SmallPieces(queue);
  }

  @Override
  public void onHead(FetchHead received, FetchFlow source) {
    assert source.loop().inEventLoop();
    home = source.loop();
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

  private void store(HeadRule.Store decided, FetchHead received, FetchFlow source) {
    verdict = decided;
    smallFill = SmallFill.begin(fill, decided, received);
    if (smallFill == null) {
      mode = Mode.STAGING;
      queue.offer(new Entry.Open(decided, received));
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
      var ignored =
          home().schedule(this::growInFile, SMALL_BODY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      demand();
    }
  }

  /** It takes its time: who waits for it is to have the head and what there is. */
  private void growInFile() {
    if (mode == Mode.GATHERING) {
      SmallFill gathering = gathering();
      FetchHead received = head;
      HeadRule.Store decided = verdict;
      assert received != null && decided != null;
      mode = Mode.STAGING;
      smallFill = null;
      writable = false;
      queue.offer(new Entry.Open(decided, received));
      stage(gathering.handOver());
      pieces.flush();
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
      case HEAD, RESUMING, CLOSED -> piece.release();
    }
  }

  @Override
  public void onReadComplete() {
    switch (mode) {
      case STAGING -> {
        pieces.flush();
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
      case HEAD, RESUMING, CLOSED -> {
        // A read that was under way when the fill closed; close() has settled it.
      }
    }
  }

  @Override
  public void onEnd(BodyEnd end) {
    switch (mode) {
      case STAGING -> {
        if (resumption != null && cameBytes < wholeBytes) {
          interrupted(
              new FillFailure(FetchFailure.CLOSED_EARLY, "the upstream sent a part of the rest"));
          return;
        }
        pieces.flush();
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
      case HEAD, RESUMING, CLOSED -> {
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
      case STAGING, GATHERING -> {
        if (cameBytes == wholeBytes && reason.isOutage()) {
          // Its length was told by a range, and all of it is here: only its last chunk is not.
          onEnd(BodyEnd.LENGTH_MET);
        } else {
          interrupted(new FillFailure(reason, detail));
        }
      }
      case RELAYING -> fill.order().relay().onFailure(reason, detail);
      case RESUMING, CLOSED -> {
        // The fill ended before; a later fault of its connection says nothing new.
      }
    }
  }

  /** The staged file is open: reading may go on. */
  void stagedFileOpened() {
    home()
        .execute(() -> {
          writable = true;
          demand();
        });
  }

  /** The staged file could not be opened: what came so far, and the rest, goes to the relay. */
  void degradeToRelay(FillQueue handedOver, ArrayDeque<Entry> taken) {
    Runnable all =
        () -> {
          FetchFlow source = flow;
          FetchHead received = head;
          assert source != null && received != null;
          FillFailure broken = lastBreak();
          if (broken == null) {
            pieces.flush();
          } else {
            close();
          }
          ArrayDeque<Entry> entries = new ArrayDeque<>(taken);
          entries.addAll(handedOver.takeOver());
          fill.relayed();
          FetchSink relay = fill.order().relay();
          if (broken != null) {
            // The relay knows nothing of rests, and no reader has the beginning.
            entries.forEach(this::drop);
            relay.onFailure(broken.reason(), broken.detail());
            return;
          }
          if (mode == Mode.STAGING) {
            mode = Mode.RELAYING;
          }
          if (entries.contains(READ_DONE)) {
            relay.adoptRead(() -> fill.services().budget().release(READ_BUFFER_BYTES));
          }
          relay.onHead(received, source);
          entries.forEach(entry -> replay(entry, relay));
        };
    home()
        .execute(() -> {
          if (reading && lastBreak() == null) {
            // The relay asks for reads of its own, and there is one at a time.
            handOver = all;
          } else {
            all.run();
          }
        });
  }

  private void drop(Entry entry) {
    switch (entry) {
      case Entry.Piece(ByteBuf bytes) -> bytes.release();
      case Entry.ReadDone() -> fill.services().budget().release(READ_BUFFER_BYTES);
      case Entry.Open _, Entry.Again _, Entry.End _, Entry.Broken _ -> {
        // They hold nothing.
      }
    }
  }

  private static void replay(Entry entry, FetchSink relay) {
    switch (entry) {
      case Entry.Piece(ByteBuf bytes) -> relay.onBody(bytes);
      case Entry.End(BodyEnd end) -> relay.onEnd(end);
      case Entry.Broken(FillFailure failure) -> relay.onFailure(failure.reason(), failure.detail());
      case Entry.Open open -> throw new AssertionError("opened twice: " + open);
      case Entry.Again again -> throw new AssertionError("resumed without a file: " + again);
      case Entry.ReadDone() -> relay.onReadComplete();
    }
  }

  /** A whole granted read is in the file: frees its bytes and wakes the intake at low water. */
  void readWritten() {
    fill.services().budget().release(READ_BUFFER_BYTES);
    if (unwrittenReads.decrementAndGet() == LOW_WATER_READS) {
      home().execute(demand);
    }
  }

  private void grantLater() {
    home().execute(this::granted);
  }

  /** Gives the fetch up, from any thread: now if its head came, else when it comes. */
  void abandon(FillFailure failure) {
    abandoned = failure;
    EventLoop loop = home;
    if (loop != null) {
      loop.execute(() -> {
        if (isTaking()) {
          breakOff(failure);
        }
      });
    }
  }

  /** The body broke off: its rest is asked for, or the fill fails. */
  private void interrupted(FillFailure failure) {
    SmallFill gathering = smallFill;
    long came = gathering == null ? cameBytes : gathering.receivedBytes();
    pieces.flush();
    settleRead();
    if (handOver != null || !resumption().begin(failure, came)) {
      breakOff(failure);
      return;
    }
    growInFile();
    mode = Mode.RESUMING;
  }

  /** Why the body was asked for again, null if it was not. */
  private @Nullable FillFailure lastBreak() {
    Resumption known = resumption;
    return known == null ? null : known.lastBreak();
  }

  private Resumption resumption() {
    Resumption known = resumption;
    if (known == null) {
      FetchHead received = head;
      HeadRule.Store decided = verdict;
      assert received != null && decided != null;
      ResumeRule rule = new ResumeRule(fill.order().request(), received, decided);
      known = new Resumption(fill, rule, home(), this);
      resumption = known;
    }
    return known;
  }

  @Override
  public void resumed(ResumeRule.Continues from, FetchFlow source) {
    mode = Mode.STAGING;
    flow = source;
    atByte = from.firstByte();
    wholeBytes = from.wholeBytes();
    if (atByte < cameBytes) {
      queue.offer(new Entry.Again());
    }
    // Later: bytes that came with the head come first.
    home().execute(demand);
  }

  @Override
  public void notResumed(FillFailure failure) {
    if (isTaking()) {
      breakOff(failure);
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

  /** Whether the body still comes, for a file or for memory, or may come again. */
  private boolean isTaking() {
    return isReceiving() || mode == Mode.RESUMING;
  }

  private boolean isReceiving() {
    return mode == Mode.STAGING || mode == Mode.GATHERING;
  }

  private EventLoop home() {
    EventLoop loop = home;
    assert loop != null;
    return loop;
  }

  private SmallFill gathering() {
    SmallFill gathering = smallFill;
    assert gathering != null;
    return gathering;
  }

  /** Takes nothing any more and ends the fetch; harmless on a fetch that has ended. */
  private void close() {
    pieces.flush();
    settleRead();
    mode = Mode.CLOSED;
    Resumption running = resumption;
    if (running != null) {
      running.end();
    }
    FetchFlow source = flow;
    if (source != null) {
      source.cancel();
    }
  }

  /** Asks for one more read if the queue and the budget have room for it. */
  private void demand() {
    if (!isReceiving()
        || (!writable && askedEarly)
        || reading
        || unwrittenReads.get() >= HIGH_WATER_READS) {
      return;
    }
    assert home().inEventLoop();
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

  private void granted() {
    waiting = false;
    if (!isReceiving() || !reading) {
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
    atByte += piece.readableBytes();
    cameBytes = Math.max(cameBytes, atByte);
    pieces.add(piece);
  }
}
