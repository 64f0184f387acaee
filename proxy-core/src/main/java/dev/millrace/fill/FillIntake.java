package dev.millrace.fill;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.config.Limits.SMALL_BODY_WAIT;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's side of a {@link Fill}: takes pieces, and asks for more only while the queue to
 * the fill thread is short and the body budget has room.
 *
 * <p>A body that breaks off is asked for again where {@link Resumption} allows: then another fetch
 * takes the place of the first.
 *
 * <p>Threading: confined to the loop of the first fetch, but {@link #stagedFileOpened}, {@link
 * #degradeToRelay} and {@link #abandon}.
 *
 * <p>Ownership: pieces pass on to the queue, to the small fill or to the relay.
 */
final class FillIntake implements Resumption.Host {
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
  private final ReadDemand reads;
  private Mode mode = Mode.HEAD;
  private volatile @Nullable EventLoop home;
  private @Nullable FetchFlow flow;
  private @Nullable FetchHead head;
  private HeadRule.@Nullable Store verdict;
  private @Nullable Beginning beginning;
  private @Nullable SmallFill smallFill;
  private @Nullable Resumption resumption;
  private long cameBytes;
  private long atByte;
  private long wholeBytes = -1;
  private volatile @Nullable FillFailure abandoned;
  private @Nullable Runnable handOver;

  FillIntake(Fill fill, FillQueue queue) {
    this.fill = fill;
    this.queue = queue;
    this.pieces = new SmallPieces(queue);
    this.reads = new ReadDemand(fill, this, queue);
  }

  /** What to ask first: for the rest where an earlier fetch left the beginning. */
  FetchRequest firstRequest() {
    beginning = Beginning.take(fill);
    return beginning == null ? fill.order().request() : beginning.request();
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
      failUnopened(left);
      return;
    }
    if (beginning != null && !beginsAnew(beginning, received, source)) {
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

  /** Whether that answer has to be looked at like any first one. */
  private boolean beginsAnew(Beginning left, FetchHead received, FetchFlow source) {
    beginning = null;
    FetchHead whole = left.wholeOf(received);
    if (whole != null
        && fill.order().rule().decide(whole) instanceof HeadRule.Store store
        && !left.isContradicted(store)) {
      fill.upstreamHeadArrived();
      head = whole;
      verdict = left.withPromises(store);
      mode = Mode.STAGING;
      cameBytes = left.body().bytes();
      atByte = cameBytes;
      wholeBytes = whole.contentLength();
      queue.offer(new Entry.Open(verdict, whole, left.body()));
      source.loop().execute(reads.task());
      return false;
    }
    left.leave(received);
    boolean isPart = received.status() == 206 || received.status() == 416;
    if (isPart) {
      // To a question that has no answer: the whole is asked for.
      source.cancel();
      fill.services().fetcher().fetch(fill.order().request(), this);
    }
    return !isPart;
  }

  /** Ends a fill of which nothing came. */
  void failUnopened(FillFailure failure) {
    Beginning left = beginning;
    beginning = null;
    if (left != null) {
      left.giveBack();
    }
    mode = Mode.CLOSED;
    fill.failed(failure);
  }

  private void store(HeadRule.Store decided, FetchHead received, FetchFlow source) {
    verdict = decided;
    smallFill = SmallFill.begin(fill, decided, received);
    if (smallFill == null) {
      mode = Mode.STAGING;
      queue.offer(new Entry.Open(decided, received, null));
      // One read need not wait for the file: both are ready sooner.
      source.loop().execute(reads.task());
    } else {
      mode = Mode.GATHERING;
      reads.allow(true);
      // Later: the body often came with the head, and then nothing has to be read.
      source.loop().execute(this::awaitRest);
    }
  }

  private void awaitRest() {
    if (mode == Mode.GATHERING) {
      var ignored =
          home().schedule(this::growInFile, SMALL_BODY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      reads.demand();
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
      reads.allow(false);
      queue.offer(new Entry.Open(decided, received, null));
      stage(gathering.handOver());
      pieces.flush();
    }
  }

  @Override
  public void onBody(ByteBuf piece) {
    switch (mode) {
      case STAGING -> {
        stage(piece);
        if (wholeBytes >= 0 && cameBytes > wholeBytes) {
          breakOff(new FillFailure(FetchFailure.LENGTH_MISMATCH, "more than the rest"));
        }
      }
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
        reads.settle(smallFill == null);
        if (handOver == null) {
          reads.demand();
        } else {
          handOver.run();
        }
      }
      case GATHERING -> {
        reads.settle(smallFill == null);
        reads.demand();
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
        if (cameBytes < wholeBytes) {
          interrupted(
              new FillFailure(FetchFailure.CLOSED_EARLY, "the upstream sent a part of the rest"));
          return;
        }
        pieces.flush();
        reads.settle(smallFill == null);
        mode = Mode.CLOSED;
        // A length that was told by a range is as good as one by its own field.
        boolean told = end == BodyEnd.CLOSED && cameBytes == wholeBytes;
        queue.offer(new Entry.End(told ? BodyEnd.LENGTH_MET : end));
        if (handOver != null) {
          handOver.run();
        }
      }
      case GATHERING -> {
        reads.settle(smallFill == null);
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
      case HEAD -> failUnopened(new FillFailure(reason, detail));
      case STAGING, GATHERING -> {
        if (atByte == wholeBytes && reason.isOutage()) {
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
          reads.allow(true);
          reads.demand();
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
          if (entries.contains(ReadDemand.DONE)) {
            relay.adoptRead(() -> fill.services().budget().release(READ_BUFFER_BYTES));
          }
          relay.onHead(received, source);
          entries.forEach(entry -> replay(entry, relay));
        };
    home()
        .execute(() -> {
          if (reads.isReading() && lastBreak() == null) {
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
      case Entry.Open _, Entry.Again _, Entry.Rehash _, Entry.End _, Entry.Broken _ -> {
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
      case Entry.Rehash rehash -> throw new AssertionError("kept without a file: " + rehash);
      case Entry.ReadDone() -> relay.onReadComplete();
    }
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
    reads.settle(smallFill == null);
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
    queue.offer(new Entry.Again(atByte));
    // Later: bytes that came with the head come first.
    home().execute(reads.task());
  }

  @Override
  public void nothingMissing() {
    mode = Mode.STAGING;
    atByte = cameBytes;
    wholeBytes = cameBytes;
    queue.offer(new Entry.Again(atByte));
    onEnd(BodyEnd.LENGTH_MET);
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

  /** Whether bytes that are read now have a place. */
  boolean isReceiving() {
    return mode == Mode.STAGING || mode == Mode.GATHERING;
  }

  /** The loop that this is confined to; once the first head has come. */
  EventLoop home() {
    EventLoop loop = home;
    assert loop != null;
    return loop;
  }

  private SmallFill gathering() {
    SmallFill gathering = smallFill;
    assert gathering != null;
    return gathering;
  }

  /** The reads of the fetch that runs. */
  ReadDemand reads() {
    return reads;
  }

  /** Asks the socket for one more read. */
  void read() {
    FetchFlow source = flow;
    assert source != null;
    source.read();
  }

  /** Takes nothing any more and ends the fetch; harmless on a fetch that has ended. */
  private void close() {
    pieces.flush();
    reads.settle(smallFill == null);
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

  private void stage(ByteBuf piece) {
    atByte += piece.readableBytes();
    cameBytes = Math.max(cameBytes, atByte);
    pieces.add(piece);
  }
}
