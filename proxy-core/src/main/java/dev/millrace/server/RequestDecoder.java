package dev.millrace.server;

import dev.millrace.config.Limits;
import dev.millrace.config.ServerLimits;
import dev.millrace.observe.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cuts request heads out of the bytes of a connection and has them read strictly.
 *
 * <p>A defect is refused as soon as it is seen, not when the head is whole: the first byte, the
 * first line, a bare CR or LF. After a refusal, or a head that announces a body, nothing more is
 * read as a request.
 *
 * <p>Limits: {@code requestHeadBytes} held for one connection, or {@code
 * Limits.PIPELINED_BYTES_MAX} and one read of heads that wait.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class RequestDecoder extends ByteToMessageDecoder {
  /**
   * The longest method, two spaces, the version, CRLF; and a little, so that the target alone
   * decides.
   */
  private static final int LINE_BYTES_BESIDE_TARGET = 48;

  private static final byte[] NOTHING = {};

  /** Bytes looked at first; most heads are shorter. */
  private static final int WINDOW_BYTES = 1024;

  private final ServerLimits limits;
  private final HeadParser parser;
  private final Runnable headBegan;
  private final BooleanSupplier full;
  private @Nullable ChannelHandlerContext context;
  private int scanned;
  private int lineStart;
  private byte[] window = NOTHING;
  private @Nullable RequestLine line;
  private boolean blankSkipped;
  private boolean stopped;
  private boolean paused;

  /**
   * A decoder that calls {@code headBegan} when the first bytes of a head came without its last,
   * and pauses while its consumer is {@code full}.
   */
  RequestDecoder(ServerLimits limits, Runnable headBegan, BooleanSupplier full) {
    this.limits = limits;
    this.parser = new HeadParser(limits);
    this.headBegan = headBegan;
    this.full = full;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (paused && actualReadableBytes() > Limits.PIPELINED_BYTES_MAX) {
      // Reads that nobody asked for: the transport empties the socket of a client that has closed
      // its side, and what it sent must not lie in memory meanwhile.
      stopped = true;
      ReferenceCountUtil.release(message);
    } else {
      super.channelRead(ctx, message);
    }
  }

  /** Goes on after a pause with the bytes that are here already. Threading: on the loop. */
  void resume() {
    ChannelHandlerContext ctx = context;
    if (!paused || ctx == null || ctx.isRemoved()) {
      return;
    }
    paused = false;
    try {
      super.channelRead(ctx, Unpooled.EMPTY_BUFFER);
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (stopped) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (full.getAsBoolean()) {
      paused = true;
      return;
    }
    paused = false;
    if (scanned == 0) {
      skipBlankLine(in);
      if (isLoneReturn(in)) {
        headBegan.run();
        return;
      }
      if (in.isReadable() && !FieldSyntax.isMethod(in.getByte(in.readerIndex()))) {
        refuse(Refusal.BAD_REQUEST, in, out);
        return;
      }
    }
    int headEnd = scan(in, out);
    if (headEnd > 0 && line != null) {
      DecodedHead decoded = parser.parse(window, headEnd, line);
      in.skipBytes(headEnd);
      window = NOTHING;
      scanned = 0;
      lineStart = 0;
      line = null;
      blankSkipped = false;
      emit(decoded, in, out);
    } else if (!stopped && in.isReadable()) {
      window = NOTHING;
      headBegan.run();
    }
  }

  /** Skips the one empty line in front of a head that RFC 9112 §2.2 wants forgiven. */
  private void skipBlankLine(ByteBuf in) {
    int at = in.readerIndex();
    if (!blankSkipped
        && in.readableBytes() >= 2
        && in.getByte(at) == '\r'
        && in.getByte(at + 1) == '\n') {
      blankSkipped = true;
      in.skipBytes(2);
    }
  }

  /** Whether half of that empty line is all that came. */
  private boolean isLoneReturn(ByteBuf in) {
    return !blankSkipped && in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '\r';
  }

  /**
   * Looks for the empty line; its end relative to the reader index, 0 when it has not come.
   *
   * <p>Each check depends on the bytes up to its place only, so that the answer does not depend on
   * how the bytes came: whole, in pieces, or one by one.
   *
   * <p>The bytes are looked at in a copy on the heap, the {@code window}, since reading them one by
   * one out of a direct buffer takes several times as long; it begins small, so that a read that
   * brought many heads is not copied for each of them.
   */
  private int scan(ByteBuf in, List<Object> out) {
    int readable = in.readableBytes();
    int windowEnd = Math.min(readable, Math.max(WINDOW_BYTES, scanned));
    int headEnd = 0;
    while (headEnd == 0 && scanned < readable && !stopped) {
      window = new byte[windowEnd];
      in.getBytes(in.readerIndex(), window);
      headEnd = scanWindow(in, out);
      windowEnd = readable;
    }
    return headEnd;
  }

  private int scanWindow(ByteBuf in, List<Object> out) {
    byte previous = scanned == 0 ? 0 : window[scanned - 1];
    for (int at = scanned; at < window.length; at++) {
      Refusal refusal = limitAt(at);
      byte b = window[at];
      boolean lineEnds = previous == '\r';
      previous = b;
      if (refusal == null && lineEnds != (b == '\n')) {
        refusal = Refusal.BAD_REQUEST;
      }
      if (refusal == null && lineEnds && line == null) {
        refusal = readLine(at - 1);
      }
      if (refusal != null) {
        refuse(refusal, in, out);
        return 0;
      }
      if (lineEnds) {
        if (at - 1 == lineStart) {
          return at + 1;
        }
        lineStart = at + 1;
      }
    }
    scanned = window.length;
    return 0;
  }

  /** The limit that a byte at that place breaks, or null. */
  private @Nullable Refusal limitAt(int at) {
    if (line == null && at >= limits.requestTargetBytes() + LINE_BYTES_BESIDE_TARGET) {
      return Refusal.TARGET_TOO_LONG;
    }
    return at >= limits.requestHeadBytes() ? Refusal.HEAD_TOO_LARGE : null;
  }

  private @Nullable Refusal readLine(int end) {
    Problem problem = new Problem();
    line = parser.line(window, end, problem);
    return line == null ? problem.refusal() : null;
  }

  private void refuse(Refusal refusal, ByteBuf in, List<Object> out) {
    emit(new DecodedHead.Refused(refusal), in, out);
  }

  private void emit(DecodedHead decoded, ByteBuf in, List<Object> out) {
    switch (decoded) {
      case DecodedHead.Refused refused -> stop(in);
      case DecodedHead.Request request -> {
        if (request.hasBody()) {
          stop(in);
        }
      }
    }
    out.add(decoded);
  }

  private void stop(ByteBuf in) {
    stopped = true;
    in.skipBytes(in.readableBytes());
  }
}
