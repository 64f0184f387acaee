package dev.millrace.fill;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One fetch for the end of a {@link Segment}: from where it stands to its claim. It takes pieces
 * and asks for more as the fill's first fetch does, and breaks and goes on like that.
 *
 * <p>Threading: confined to the fill's loop.
 *
 * <p>Ownership: pieces pass on to the queue.
 */
final class SegmentFetch implements ReadDemand.Side, Resumption.Host {
  private final Segments owner;
  private final Segment segment;
  private final boolean inOrder;
  private final EventLoop home;
  private final Resumption asking;
  private final SmallPieces pieces;
  private final ReadDemand reads;
  private long end;
  private @Nullable FetchFlow flow;
  private long at;
  private boolean receiving;
  private boolean over;

  /** A fetch for what lies between there and the segment's claim; it goes on with the body. */
  SegmentFetch(
      Segments owner, Segment segment, long first, boolean inOrder, Fill fill, FillQueue queue) {
    this.owner = owner;
    this.segment = segment;
    this.inOrder = inOrder;
    this.home = owner.home();
    this.at = first;
    this.end = segment.claimedTo();
    this.asking = new Resumption(fill, owner.rule(), home, this, end);
    this.pieces = new SmallPieces(bytes -> queue.offer(new Entry.SegmentPiece(segment, bytes)));
    this.reads = new ReadDemand(fill, this, queue);
  }

  /** Asks for it. */
  void start() {
    reads.allow(true);
    asking.fetch(at);
  }

  /** Goes on with a fetch whose head has come; the staged file is not open yet. */
  FetchSink adopt(FetchFlow source) {
    FetchSink sink = asking.adopt();
    begin(source);
    return sink;
  }

  /** The segment that it brings. */
  Segment segment() {
    return segment;
  }

  /** Whether it fetches what is missing in order, and not what a reader waits for. */
  boolean isInOrder() {
    return inOrder;
  }

  /** The first byte that has not come. */
  long at() {
    return at;
  }

  /** Somebody else brings what lies behind that. */
  void endAt(long position) {
    assert position > at;
    end = position;
  }

  /** The staged file is open: reading may go on. */
  void stagedFileOpened() {
    reads.allow(true);
    reads.demand();
  }

  /** Takes nothing any more. Harmless a second time. */
  void close() {
    if (over) {
      return;
    }
    over = true;
    receiving = false;
    pieces.flush();
    reads.settle(true);
    asking.end();
    FetchFlow source = flow;
    if (source != null) {
      source.cancel();
    }
  }

  private void begin(FetchFlow source) {
    flow = source;
    receiving = true;
    // Later: bytes that came with the head come first.
    home.execute(reads.task());
  }

  @Override
  public void resumed(ResumeRule.Continues from, boolean named, FetchFlow source) {
    if (from.firstByte() != at || !named) {
      source.cancel();
      fail(new FillFailure(FetchFailure.RANGE_MISMATCH, "the whole where a part was asked for"));
      return;
    }
    begin(source);
    owner.comes(this);
  }

  @Override
  public void nothingMissing() {
    fail(new FillFailure(FetchFailure.RANGE_MISMATCH, "the body ends before the part"));
  }

  @Override
  public void notResumed(FillFailure failure) {
    fail(failure);
  }

  private void fail(FillFailure failure) {
    if (!over) {
      close();
      owner.failed(this, failure);
    }
  }

  @Override
  public void onHead(FetchHead head, FetchFlow source) {
    throw new AssertionError("the head goes to " + Resumption.class);
  }

  @Override
  public void onBody(ByteBuf piece) {
    if (!receiving) {
      piece.release();
      return;
    }
    long room = end - at;
    boolean tooLong = piece.readableBytes() > room;
    if (tooLong) {
      piece.writerIndex(piece.readerIndex() + (int) room);
    }
    at += piece.readableBytes();
    pieces.add(piece);
    if (tooLong && end == owner.length()) {
      // What the body's length is to be believed for has failed.
      fail(new FillFailure(FetchFailure.LENGTH_MISMATCH, "more bytes than the whole has"));
    } else if (tooLong) {
      // The rest is somebody else's.
      finish(BodyEnd.LENGTH_MET);
    }
  }

  @Override
  public void onReadComplete() {
    if (receiving) {
      pieces.flush();
      reads.settle(true);
      reads.demand();
    }
  }

  @Override
  public void onEnd(BodyEnd bodyEnd) {
    if (!receiving) {
      return;
    }
    if (at == end) {
      // A length that was told by a range is as good as one by its own field.
      finish(bodyEnd == BodyEnd.LENGTH_MET_UNSOLICITED ? bodyEnd : BodyEnd.LENGTH_MET);
    } else {
      interrupted(new FillFailure(FetchFailure.CLOSED_EARLY, "the upstream sent a part of it"));
    }
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    if (!receiving) {
      return;
    }
    if (at == end && reason.isOutage()) {
      finish(BodyEnd.LENGTH_MET);
    } else {
      interrupted(new FillFailure(reason, detail));
    }
  }

  private void finish(BodyEnd bodyEnd) {
    close();
    owner.finished(this, bodyEnd);
  }

  private void interrupted(FillFailure failure) {
    receiving = false;
    pieces.flush();
    reads.settle(true);
    if (!asking.begin(failure, at)) {
      fail(failure);
    }
  }

  @Override
  public boolean isReceiving() {
    return receiving;
  }

  @Override
  public EventLoop home() {
    return home;
  }

  @Override
  public void read() {
    FetchFlow source = flow;
    assert source != null;
    source.read();
  }
}
