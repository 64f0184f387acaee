package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.observe.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts request heads out of the bytes of a connection and has them read strictly.
 *
 * <p>A defect is refused as soon as it is seen, not when the head is whole: the first byte, the first
 * line, a bare CR or LF. After a refusal, or a head that announces a body, nothing more is read as a
 * request.
 *
 * <p>Limits: {@code requestHeadBytes} held for one connection.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class RequestDecoder extends ByteToMessageDecoder {
  private final ServerLimits limits;
  private final HeadParser parser;
  private final Runnable headBegan;
  private int scanned;
  private boolean lineSeen;
  private boolean blankSkipped;
  private boolean stopped;

  /** A decoder that calls {@code headBegan} when the first bytes of a head came without its last. */
  RequestDecoder(ServerLimits limits, Runnable headBegan) {
    this.limits = limits;
    this.parser = new HeadParser(limits);
    this.headBegan = headBegan;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (stopped) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (scanned == 0 && !beginsWell(in)) {
      refuse(Refusal.BAD_REQUEST, in, out);
      return;
    }
    int headEnd = scan(in, out);
    if (headEnd > 0) {
      byte[] head = new byte[headEnd];
      in.readBytes(head);
      scanned = 0;
      lineSeen = false;
      blankSkipped = false;
      emit(parser.parse(head), in, out);
    } else if (!stopped && in.isReadable()) {
      headBegan.run();
    }
  }

  /** Skips the one empty line that RFC 9112 §2.2 wants forgiven and looks at the first byte. */
  private boolean beginsWell(ByteBuf in) {
    int at = in.readerIndex();
    if (!blankSkipped
        && in.readableBytes() >= 2
        && in.getByte(at) == '\r'
        && in.getByte(at + 1) == '\n') {
      blankSkipped = true;
      in.skipBytes(2);
      at += 2;
    }
    if (!in.isReadable()) {
      return true;
    }
    byte first = in.getByte(at);
    return first >= 'A' && first <= 'Z' || first == '\r' && in.readableBytes() == 1;
  }

  /** Looks for the empty line; its end relative to the reader index, 0 when it has not come. */
  private int scan(ByteBuf in, List<Object> out) {
    int start = in.readerIndex();
    int readable = in.readableBytes();
    int at = scanned;
    while (at < readable) {
      byte b = in.getByte(start + at);
      if (b == '\n' || b == '\r' && at + 1 < readable && in.getByte(start + at + 1) != '\n') {
        refuse(Refusal.BAD_REQUEST, in, out);
        return 0;
      }
      if (b != '\r') {
        at++;
        continue;
      }
      if (at + 1 == readable) {
        break;
      }
      if (!lineSeen && !acceptLine(in, at, out)) {
        return 0;
      }
      at += 2;
      if (at + 1 < readable && in.getByte(start + at) == '\r' && in.getByte(start + at + 1) == '\n') {
        return withinLimit(at + 2, in, out) ? at + 2 : 0;
      }
    }
    scanned = at;
    withinLimit(readable, in, out);
    return 0;
  }

  private boolean acceptLine(ByteBuf in, int length, List<Object> out) {
    lineSeen = true;
    byte[] line = new byte[length];
    in.getBytes(in.readerIndex(), line);
    Refusal refusal = parser.checkLine(line, length);
    if (refusal != null) {
      refuse(refusal, in, out);
      return false;
    }
    return true;
  }

  private boolean withinLimit(int bytes, ByteBuf in, List<Object> out) {
    if (stopped) {
      return false;
    }
    // Longest method, two spaces, version.
    int lineMax = limits.requestTargetBytes() + 48;
    if (!lineSeen && bytes > lineMax) {
      refuse(Refusal.TARGET_TOO_LONG, in, out);
      return false;
    }
    if (bytes > limits.requestHeadBytes()) {
      refuse(Refusal.HEAD_TOO_LARGE, in, out);
      return false;
    }
    return true;
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
