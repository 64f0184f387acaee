package dev.millrace.fill;

import static dev.millrace.config.Limits.SMALL_BODY_WAIT;
import static dev.millrace.fill.Fill.present;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import dev.millrace.store.KeptBody;
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
 * takes the place of the first. Where {@link Segments} have parts of it the fetch in order ends.
 *
 * <p>Threading: confined to the loop of the first fetch, but {@link #stagedFileOpened}, {@link
 * #degradeToRelay} and {@link #abandon}.
 *
 * <p>Ownership: pieces pass on to the queue, to the small fill or to the relay.
 */
final class FillIntake implements Resumption.Host, ReadDemand.Side {
  private final Fill fill;
  private final FillQueue queue;
  private final SmallPieces pieces;
  private final ReadDemand reads;
  private IntakeMode mode = IntakeMode.HEAD;
  private volatile @Nullable EventLoop home;
  private @Nullable FetchFlow flow;
  private @Nullable FetchHead head;
  private HeadRule.@Nullable Store verdict;
  private @Nullable SmallFill smallFill;
  private @Nullable Resumption resumption;
  private long cameBytes;
  private long atByte;
  private long wholeBytes = -1;
  private long limit = Long.MAX_VALUE;
  private boolean isPart;
  private volatile @Nullable FillFailure abandoned;
  private @Nullable Runnable handOver;

  FillIntake(Fill fill, FillQueue queue) {
    this.fill = fill;
    this.queue = queue;
    this.pieces = new SmallPieces(bytes -> queue.offer(new Entry.Piece(bytes)));
    this.reads = new ReadDemand(fill, this, queue);
  }

  /**
   * Begins with a part; null, and nothing happened, where it is not to be had in parts.
   *
   * @param whole the head of the whole
   */
  @Nullable FetchSink beginByPart(
      HeadRule.Store store, FetchHead whole, FetchRequest.Part part, FetchFlow source) {
    home = source.loop();
    FetchSink sink = segments().begin(store, whole, part, source);
    if (sink != null) {
      begin(IntakeMode.SEGMENTS, store, whole);
      isPart = true;
      queue.offer(new Entry.Open(store, whole, null, true));
    }
    return sink;
  }

  /** Goes on where an earlier fetch has left a body. */
  void beginByRest(HeadRule.Store store, FetchHead whole, KeptBody left, FetchFlow source) {
    home = source.loop();
    flow = source;
    begin(IntakeMode.STAGING, store, whole);
    isPart = true;
    cameBytes = left.bytes();
    atByte = cameBytes;
    wholeBytes = whole.contentLength();
    segments().begin(store, whole);
    queue.offer(new Entry.Open(store, whole, left, false));
    source.loop().execute(reads.task());
  }

  private void begin(IntakeMode how, HeadRule.Store store, FetchHead whole) {
    fill.upstreamHeadArrived();
    head = whole;
    verdict = store;
    mode = how;
  }

  /** Whether it was given up. */
  boolean isAbandoned() {
    return abandoned != null;
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
    fill.upstreamHeadArrived();
    switch (fill.order().rule().decide(received)) {
      case HeadRule.Store store -> store(store, received, source);
      case HeadRule.Relay() -> {
        mode = IntakeMode.RELAYING;
        fill.relayed();
        fill.order().relay().onHead(received, source);
      }
      case HeadRule.Answer() -> {
        mode = IntakeMode.CLOSED;
        fill.answered(received);
        if (received.framing() != FetchHead.Framing.NONE) {
          source.cancel();
        }
      }
    }
  }

  /** Ends a fill of which nothing came. */
  void failUnopened(FillFailure failure) {
    mode = IntakeMode.CLOSED;
    fill.failed(failure);
  }

  private void store(HeadRule.Store decided, FetchHead received, FetchFlow source) {
    verdict = decided;
    smallFill = SmallFill.begin(fill, decided, received);
    if (smallFill == null) {
      mode = IntakeMode.STAGING;
      segments().begin(decided, received);
      queue.offer(new Entry.Open(decided, received, null, false));
      // One read need not wait for the file: both are ready sooner.
      source.loop().execute(reads.task());
    } else {
      mode = IntakeMode.GATHERING;
      reads.allow(true);
      // Later: the body often came with the head, and then nothing has to be read.
      source.loop().execute(this::awaitRest);
    }
  }

  private void awaitRest() {
    if (mode == IntakeMode.GATHERING) {
      var ignored =
          home().schedule(this::growInFile, SMALL_BODY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      reads.demand();
    }
  }

  /** It takes its time: who waits for it is to have the head and what there is. */
  private void growInFile() {
    if (mode == IntakeMode.GATHERING) {
      SmallFill gathering = present(smallFill);
      mode = IntakeMode.STAGING;
      smallFill = null;
      reads.allow(false);
      queue.offer(new Entry.Open(present(verdict), present(head), null, false));
      stage(gathering.handOver());
      pieces.flush();
    }
  }

  @Override
  public void onBody(ByteBuf piece) {
    switch (mode) {
      case STAGING -> {
        boolean reached = atByte + piece.readableBytes() >= limit;
        if (reached) {
          piece.writerIndex(piece.readerIndex() + (int) (limit - atByte));
        }
        stage(piece);
        if (reached) {
          leaveToSegments();
        } else if (wholeBytes >= 0 && cameBytes > wholeBytes) {
          breakOff(new FillFailure(FetchFailure.LENGTH_MISMATCH, "more than the rest"));
        }
      }
      case GATHERING -> {
        SmallFill gathering = present(smallFill);
        if (!gathering.add(piece)) {
          breakOff(gathering.tooLong());
        }
      }
      case RELAYING -> fill.order().relay().onBody(piece);
      case HEAD, RESUMING, SEGMENTS, CLOSED -> piece.release();
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
      case HEAD, RESUMING, SEGMENTS, CLOSED -> {
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
        mode = IntakeMode.CLOSED;
        segments().close();
        // A length that was told by a range is as good as one by its own field.
        boolean told = end == BodyEnd.CLOSED && cameBytes == wholeBytes;
        queue.offer(new Entry.End(told ? BodyEnd.LENGTH_MET : end));
        if (handOver != null) {
          handOver.run();
        }
      }
      case GATHERING -> {
        reads.settle(smallFill == null);
        mode = IntakeMode.CLOSED;
        present(smallFill).finish(end);
      }
      case RELAYING -> fill.order().relay().onEnd(end);
      case HEAD, RESUMING, SEGMENTS, CLOSED -> {
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
      case RESUMING, SEGMENTS, CLOSED -> {
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
          segments().stagedFileOpened();
        });
  }

  /** The staged file could not be opened: what came so far, and the rest, goes to the relay. */
  void degradeToRelay(FillQueue handedOver, ArrayDeque<Entry> taken) {
    Runnable all =
        () -> {
          segments().close();
          FillFailure broken = lastBreak();
          if (broken == null && !isPart) {
            pieces.flush();
          } else {
            close();
          }
          ArrayDeque<Entry> entries = new ArrayDeque<>(taken);
          entries.addAll(handedOver.takeOver());
          fill.relayed();
          HandOver came = new HandOver(fill, entries);
          if (broken != null) {
            came.fail(broken);
          } else if (isPart) {
            came.fetchWhole();
          } else {
            if (mode == IntakeMode.STAGING) {
              mode = IntakeMode.RELAYING;
            }
            came.replay(present(head), present(flow));
          }
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
    mode = IntakeMode.RESUMING;
  }

  /** Why the body was asked for again, null if it was not. */
  private @Nullable FillFailure lastBreak() {
    Resumption known = resumption;
    return known == null ? null : known.lastBreak();
  }

  private Resumption resumption() {
    if (resumption == null) {
      resumption = new Resumption(fill, resumeRule(), home(), this, Long.MAX_VALUE);
    }
    return present(resumption);
  }

  private ResumeRule resumeRule() {
    return new ResumeRule(fill.order().request(), present(head), present(verdict));
  }

  /** Segments lie from there on: the fetch ends where they begin. */
  void limit(long firstByte) {
    limit = firstByte;
    if (mode == IntakeMode.STAGING && atByte >= limit) {
      leaveToSegments();
    }
  }

  /** Where segments begin; {@link Long#MAX_VALUE} for nowhere. */
  long limit() {
    return limit;
  }

  /** How many bytes have come in order. */
  long came() {
    return cameBytes;
  }

  /** Ends the fetch: what is missing comes in parts, if at all. */
  void leaveToSegments() {
    boolean runs = mode == IntakeMode.STAGING || mode == IntakeMode.RESUMING;
    if (runs && handOver == null) {
      close();
      mode = IntakeMode.SEGMENTS;
      segments().firstEnded();
    }
  }

  /** Every byte came, in parts. */
  void allCame(BodyEnd end) {
    mode = IntakeMode.CLOSED;
    queue.offer(new Entry.End(end));
  }

  private Segments segments() {
    return fill.segments();
  }

  @Override
  public void resumed(ResumeRule.Continues from, boolean named, FetchFlow source) {
    if (!named && from.firstByte() < cameBytes && segments().parts().count() > 0) {
      // Only what came in order is compared with what is there.
      flow = source;
      breakOff(new FillFailure(FetchFailure.CHANGED, "what begins anew bears no name"));
      return;
    }
    mode = IntakeMode.STAGING;
    flow = source;
    atByte = from.firstByte();
    wholeBytes = from.wholeBytes();
    queue.offer(new Entry.Again(atByte));
    // Later: bytes that came with the head come first.
    home().execute(reads.task());
  }

  @Override
  public void nothingMissing() {
    mode = IntakeMode.STAGING;
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

  /** Ends the fill, of which bytes may have come. */
  void breakOff(FillFailure failure) {
    SmallFill gathering = smallFill;
    close();
    segments().close();
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
    return isReceiving() || mode == IntakeMode.RESUMING || mode == IntakeMode.SEGMENTS;
  }

  @Override
  public boolean isReceiving() {
    return mode == IntakeMode.STAGING || mode == IntakeMode.GATHERING;
  }

  @Override
  public EventLoop home() {
    return present(home);
  }

  @Override
  public void read() {
    present(flow).read();
  }

  /** Takes nothing any more and ends the fetch; harmless on a fetch that has ended. */
  private void close() {
    pieces.flush();
    reads.settle(smallFill == null);
    mode = IntakeMode.CLOSED;
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
