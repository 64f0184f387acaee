package dev.millrace.fill;

import static dev.millrace.config.Limits.HOLD_BACK_BYTES;

import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Between a fetch and a relay: lets a part of a body pass, and where a digest was promised keeps
 * the end of it back until the whole is proven.
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Limits: holds {@code Limits.HOLD_BACK_BYTES}, in a buffer of its own, so that no read is kept
 * for a few bytes of it.
 *
 * <p>Threading: confined to the fetch's loop, but {@link #read} and {@link #cancel}.
 *
 * <p>Ownership: what is held back passes to the relay at the end, and is released when the fetch
 * breaks or the relay gives it up.
 */
public final class PassedPart implements FetchSink, FetchFlow {
  private final FetchSink relay;
  private final Gatekeeper gatekeeper;
  private final long first;
  private final long end;
  private @Nullable ByteBuf held;
  private @Nullable FetchFlow source;
  private @Nullable BodyProver prover;
  private long hashedFrom;
  private long wholeBytes = -1;
  private long at;
  private boolean over;

  /** Says what an answer is. */
  @FunctionalInterface
  interface Gatekeeper {
    Admission judge(FetchHead head);
  }

  /** What an answer is. */
  sealed interface Admission {}

  /**
   * The body, or its end.
   *
   * @param firstByte where it begins
   * @param wholeBytes length of the whole body, -1 when it is not known
   * @param prover proves it; null where nothing was promised
   * @param hashedFrom the first byte that the prover has not seen
   */
  record Admitted(long firstByte, long wholeBytes, @Nullable BodyProver prover, long hashedFrom)
      implements Admission {}

  /**
   * Something else.
   *
   * @param failure what the relay is told
   */
  record Refused(FillFailure failure) implements Admission {}

  /**
   * A part.
   *
   * @param first first byte that passes
   * @param end first byte that does not, {@link Long#MAX_VALUE} for all
   */
  PassedPart(FetchSink relay, Gatekeeper gatekeeper, long first, long end) {
    this.relay = relay;
    this.gatekeeper = gatekeeper;
    this.first = first;
    this.end = end;
  }

  @Override
  public void adoptRead(Runnable giveBack) {
    relay.adoptRead(giveBack);
  }

  @Override
  public void onHead(FetchHead head, FetchFlow flow) {
    source = flow;
    switch (gatekeeper.judge(head)) {
      case Refused(FillFailure failure) -> {
        over = true;
        flow.cancel();
        relay.onFailure(failure.reason(), failure.detail());
      }
      case Admitted admitted -> {
        at = admitted.firstByte();
        wholeBytes = admitted.wholeBytes();
        prover = admitted.prover();
        hashedFrom = admitted.hashedFrom();
        long last = wholeBytes < 0 ? end : Math.min(end, wholeBytes);
        boolean known = last != Long.MAX_VALUE;
        relay.onHead(
            new FetchHead(head.status(), head.headers(), known ? last - first : -1, head.framing()),
            this);
      }
    }
  }

  @Override
  public void onBody(ByteBuf piece) {
    if (over) {
      piece.release();
      return;
    }
    try {
      take(piece);
    } finally {
      piece.release();
    }
    if (!over && prover == null && at >= end) {
      // The rest is nobody's.
      over = true;
      flow().cancel();
      relay.onEnd(BodyEnd.LENGTH_MET);
    }
  }

  private void take(ByteBuf piece) {
    long from = at;
    at += piece.readableBytes();
    if (wholeBytes >= 0 && at > wholeBytes) {
      over = true;
      flow().cancel();
      fail(FetchFailure.LENGTH_MISMATCH, "more bytes than the " + wholeBytes + " declared");
      return;
    }
    BodyProver proving = prover;
    if (proving != null && at > hashedFrom) {
      proving.update(part(piece, from, Math.max(from, hashedFrom), at));
    }
    long passFrom = Math.max(from, first);
    long passEnd = Math.min(at, end);
    if (passFrom < passEnd) {
      ByteBuf passing = part(piece, from, passFrom, passEnd);
      if (proving == null) {
        relay.onBody(passing.retain());
      } else {
        passBut(keptOf(passEnd), passing);
      }
    }
  }

  /** How much of what came has to stay: what lies in the last bytes of the body. */
  private long keptOf(long cameTo) {
    if (wholeBytes < 0) {
      return HOLD_BACK_BYTES;
    }
    return Math.max(0, cameTo - Math.max(0, wholeBytes - HOLD_BACK_BYTES));
  }

  /** Passes on what was held back and what comes now, but for the last so many bytes. */
  private void passBut(long keptBytes, ByteBuf passing) {
    ByteBuf before = held;
    int beforeBytes = before == null ? 0 : before.readableBytes();
    int pass = (int) Math.max(0, beforeBytes + passing.readableBytes() - keptBytes);
    if (before != null && pass > 0) {
      passHeld(before, Math.min(pass, beforeBytes));
    }
    int direct = Math.max(0, pass - beforeBytes);
    if (direct > 0) {
      relay.onBody(passing.retainedSlice(passing.readerIndex(), direct));
    }
    int stays = passing.readableBytes() - direct;
    if (stays > 0) {
      if (before == null) {
        before = ByteBufAllocator.DEFAULT.directBuffer(HOLD_BACK_BYTES, HOLD_BACK_BYTES);
        held = before;
      }
      before.discardReadBytes().writeBytes(passing, passing.readerIndex() + direct, stays);
    }
  }

  /** By a copy: the buffer is written to again. */
  private void passHeld(ByteBuf from, int count) {
    relay.onBody(ByteBufAllocator.DEFAULT.directBuffer(count).writeBytes(from, count));
  }

  private static ByteBuf part(ByteBuf piece, long pieceAt, long from, long end) {
    if (from == pieceAt && end - from == piece.readableBytes()) {
      return piece;
    }
    return piece.slice(piece.readerIndex() + (int) (from - pieceAt), (int) (end - from));
  }

  @Override
  public void onReadComplete() {
    if (!over) {
      relay.onReadComplete();
    }
  }

  @Override
  public void onEnd(BodyEnd bodyEnd) {
    if (over) {
      return;
    }
    over = true;
    BodyProver proving = prover;
    if (at < first || (wholeBytes >= 0 && at != wholeBytes && at < end)) {
      fail(FetchFailure.CLOSED_EARLY, "ended at byte " + at);
    } else if (proving != null && !proving.isProven()) {
      fail(FetchFailure.DIGEST_MISMATCH, "another digest than was promised");
    } else {
      ByteBuf last = held;
      if (last != null) {
        passHeld(last, last.readableBytes());
      }
      drop();
      relay.onEnd(bodyEnd);
    }
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    if (!over) {
      over = true;
      fail(reason, detail);
    }
  }

  private void fail(FetchFailure reason, String detail) {
    drop();
    relay.onFailure(reason, detail);
  }

  private void drop() {
    ByteBuf last = held;
    held = null;
    if (last != null) {
      last.release();
    }
  }

  @Override
  public EventLoop loop() {
    return flow().loop();
  }

  @Override
  public void read() {
    flow().read();
  }

  @Override
  public int keptBytes() {
    return prover == null ? 0 : HOLD_BACK_BYTES;
  }

  @Override
  public void cancel() {
    FetchFlow fetch = flow();
    fetch.cancel();
    fetch
        .loop()
        .execute(() -> {
          over = true;
          drop();
        });
  }

  private FetchFlow flow() {
    FetchFlow known = source;
    assert known != null;
    return known;
  }
}
