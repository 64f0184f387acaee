package dev.millrace.fill;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client of a fill: waits for its answer, then reads what lies behind the frontier, as an
 * exchange does. It has been counted in by its join and counts itself out.
 *
 * <p>Threading: confined to its loop, but {@link #start}, {@link #leave} and the future.
 */
final class FillReader {
  /** How it ended for the client. */
  enum Ending {
    /** The end of the body. */
    END,
    /** A visible failure. */
    FAILED,
    /** The upstream's head was the answer. */
    ANSWERED,
    /** The body goes to the leader alone. */
    RELAYED,
    /** The disk failed: the rest goes past it. */
    DIVERTED,
    /** Look into the store again. */
    STORE,
    /** The client left. */
    LEFT
  }

  /** What the client saw. */
  static final class Seen {
    private final Ending ending;
    private final byte[] bytes;

    Seen(Ending ending, byte[] bytes) {
      this.ending = ending;
      this.bytes = bytes;
    }

    Ending ending() {
      return ending;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  private static final int BLOCK_BYTES = 64 << 10;

  private final Fill fill;
  private final EventLoop loop;
  private final long first;
  private long end = Long.MAX_VALUE;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<Seen> seen = new CompletableFuture<>();
  private boolean provenOnly;
  private volatile boolean waiting;
  private long leaveAt = Long.MAX_VALUE;
  private @Nullable FillCursor cursor;

  FillReader(Fill fill, EventLoop loop, long first) {
    this.fill = fill;
    this.loop = loop;
    this.first = first;
  }

  /** Makes it leave after so many bytes. */
  FillReader leavingAt(long count) {
    leaveAt = count;
    return this;
  }

  /** Makes it want nothing from there on. */
  FillReader until(long position) {
    end = position;
    return this;
  }

  /** Makes it take nothing before the whole is proven. */
  FillReader provenOnly() {
    provenOnly = true;
    return this;
  }

  FillReader start() {
    loop.execute(this::watch);
    return this;
  }

  /** The client goes. */
  void leave() {
    loop.execute(() -> end(Ending.LEFT));
  }

  /** Whether it has ever found nothing to take. */
  boolean isWaiting() {
    return waiting;
  }

  /** What it has taken so far. */
  int takenBytes() {
    return bytes.size();
  }

  CompletableFuture<Seen> seen() {
    return seen;
  }

  private void watch() {
    if (seen.isDone()) {
      return;
    }
    FillState state = fill.state();
    if (state == FillState.OPENING) {
      fill.await(loop, this::watch);
      state = fill.state();
      if (state == FillState.OPENING) {
        return;
      }
    }
    switch (state) {
      case STREAMING, DIVERTED, WHOLE, STORED, UNSTORED -> read();
      case ANSWERED -> end(Ending.ANSWERED);
      case RELAYED -> end(Ending.RELAYED);
      case WITHDRAWN -> end(Ending.STORE);
      case FAILED -> end(Ending.FAILED);
      case OPENING -> throw new AssertionError("left " + FillState.OPENING);
    }
  }

  private void read() {
    if (cursor != null) {
      // The wake that was asked for before the state was seen.
      return;
    }
    ByteBuf small = fill.openSmall();
    if (small != null) {
      bytes.writeBytes(
          ByteBufUtil.getBytes(small, (int) first, small.readableBytes() - (int) first));
      small.release();
      end(Ending.END);
      return;
    }
    FillCursor opened = fill.open(loop, first, end, provenOnly);
    if (opened == null) {
      end(Ending.STORE);
      return;
    }
    cursor = opened;
    next();
  }

  private void next() {
    FillCursor from = cursor;
    if (from == null || seen.isDone()) {
      return;
    }
    if (from.position() >= end) {
      end(Ending.END);
      return;
    }
    if (bytes.size() >= leaveAt) {
      end(Ending.LEFT);
      return;
    }
    switch (from.look()) {
      case BYTES -> take(from);
      case NOTHING_YET -> {
        waiting = true;
        if (!from.awaitChange(this::next)) {
          loop.execute(this::next);
        }
      }
      case END -> end(Ending.END);
      case FAILED -> end(Ending.FAILED);
      case DIVERTED -> end(Ending.DIVERTED);
    }
  }

  private void take(FillCursor from) {
    int count = (int) Math.min(Math.min(BLOCK_BYTES, end - from.position()), from.availableBytes());
    ByteBuffer block = ByteBuffer.allocate(count);
    try {
      while (block.hasRemaining()
          && from.file().read(block, from.position() + block.position()) > 0) {
        // Until all that was promised is there.
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assert !block.hasRemaining() : "bytes behind the frontier are not in the file";
    bytes.writeBytes(block.array());
    from.advance(count);
    loop.execute(this::next);
  }

  private void end(Ending ending) {
    if (seen.isDone()) {
      return;
    }
    if (cursor != null) {
      cursor.close();
    }
    fill.leave();
    seen.complete(new Seen(ending, bytes.toByteArray()));
  }
}
