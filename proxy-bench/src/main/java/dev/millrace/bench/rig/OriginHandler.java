package dev.millrace.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of one connection, one after the other.
 *
 * <p>Limits: a head of {@link #HEAD_BYTES}; a longer one ends the connection.
 *
 * <p>Threading: confined to its event loop.
 */
final class OriginHandler extends ChannelInboundHandlerAdapter {
  private static final int HEAD_BYTES = 16 << 10;
  private static final int SMALL_BODY_BYTES = 64 << 10;

  /** Where a registry says that it is one. */
  private static final String REGISTRY = "/v2/";

  private static final String BLOB = "/blobs/sha256:";

  private final BaseBody base;
  private final OriginStats.Counter stats;
  private final OriginDigests digests;
  private final byte[] head = new byte[HEAD_BYTES];
  private int filled;
  private boolean answering;

  OriginHandler(BaseBody base, OriginStats.Counter stats, OriginDigests digests) {
    this.base = base;
    this.stats = stats;
    this.digests = digests;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf received = (ByteBuf) message;
    try {
      int count = received.readableBytes();
      if (filled + count > HEAD_BYTES) {
        ctx.close().addListener(ChannelFutureListener.CLOSE);
        return;
      }
      received.readBytes(head, filled, count);
      filled += count;
    } finally {
      received.release();
    }
    next(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A proxy that leaves is part of some scenarios.
    ctx.close().addListener(ChannelFutureListener.CLOSE);
  }

  private void next(ChannelHandlerContext ctx) {
    if (answering) {
      return;
    }
    int end = ResponseScanner.headEnd(head, 0, filled);
    if (end < 0) {
      return;
    }
    String text = new String(head, 0, end, StandardCharsets.ISO_8859_1);
    System.arraycopy(head, end, head, 0, filled - end);
    filled -= end;
    answering = true;
    answer(ctx, OriginRequest.parse(text));
  }

  private void answer(ChannelHandlerContext ctx, OriginRequest request) {
    if (request.path().startsWith("/stats")) {
      if (request.path().equals("/stats/reset")) {
        stats.reset();
      }
      text(ctx, "200 OK", Json.LINE.writeValueAsString(stats.read()));
      return;
    }
    if (request.path().equals(REGISTRY)) {
      headOnly(ctx, new StringBuilder("HTTP/1.1 200 OK\r\n"), 0);
      return;
    }
    String path = bodyPath(request.path());
    if (path == null) {
      text(ctx, "404 Not Found", "");
      return;
    }
    answer(ctx, request, BodySpec.parse(path));
  }

  /** Which body that target names, by its path or as a blob of a registry; null for none. */
  private @Nullable String bodyPath(String target) {
    if (target.startsWith("/b/")) {
      return target;
    }
    int digest = target.lastIndexOf(BLOB);
    return target.startsWith(REGISTRY) && digest > 0
        ? digests.path(target.substring(digest + BLOB.length()))
        : null;
  }

  private void answer(ChannelHandlerContext ctx, OriginRequest request, BodySpec spec) {
    stats.asked(spec.path());
    String digest = digests.field(spec.path());
    if (spec.sha256() && digest == null) {
      text(ctx, "409 Conflict", "the digest was not prepared");
      return;
    }
    String tag = "\"" + spec.bytes() + "-" + Integer.toHexString(spec.path().hashCode()) + "\"";
    boolean part =
        request.first() >= 0
            && request.first() < spec.bytes()
            && (request.ifRange() == null || request.ifRange().equals(tag));
    long from = part ? request.first() : 0;
    long to = part ? Math.min(request.last() + 1, spec.bytes()) : spec.bytes();
    if (part && request.last() == Long.MAX_VALUE) {
      to = spec.bytes();
    }
    StringBuilder fields = new StringBuilder(256);
    fields.append(part ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n");
    fields.append("Server: bench\r\nContent-Type: application/octet-stream\r\n");
    fields.append("Accept-Ranges: bytes\r\nETag: ").append(tag).append("\r\n");
    if (part) {
      fields.append("Content-Range: bytes ").append(from).append('-').append(to - 1);
      fields.append('/').append(spec.bytes()).append("\r\n");
    }
    if (digest != null) {
      fields.append("Repr-Digest: ").append(digest).append("\r\n");
    }
    if (request.head()) {
      headOnly(ctx, fields, to - from);
      return;
    }
    send(ctx, spec, fields, new OriginBody.Span(from, to));
  }

  private void headOnly(ChannelHandlerContext ctx, StringBuilder fields, long bytes) {
    fields.append("Content-Length: ").append(bytes).append("\r\n\r\n");
    ctx.writeAndFlush(ascii(fields)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    done(ctx);
  }

  private void send(
      ChannelHandlerContext ctx, BodySpec spec, StringBuilder fields, OriginBody.Span span) {
    if (spec.close()) {
      fields.append("Connection: close\r\n\r\n");
    } else if (spec.chunked()) {
      fields.append("Transfer-Encoding: chunked\r\n\r\n");
    } else {
      fields.append("Content-Length: ").append(span.to() - span.from()).append("\r\n\r\n");
    }
    boolean plain =
        !spec.close()
            && !spec.chunked()
            && spec.pace().bytesPerSecond() == 0
            && spec.pace().cutAfterBytes() < 0;
    if (plain && span.to() - span.from() <= SMALL_BODY_BYTES && base.holds(span.to())) {
      sendSmall(ctx, spec, fields, span);
      return;
    }
    ctx.write(ascii(fields)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    new OriginBody(ctx, spec, base, stats, () -> done(ctx)).send(span);
  }

  private void sendSmall(
      ChannelHandlerContext ctx, BodySpec spec, StringBuilder fields, OriginBody.Span span) {
    ByteBuf front = ascii(fields);
    int from = (int) span.from();
    int to = (int) span.to();
    if (from < BodySpec.PREFIX_BYTES) {
      int unique = Math.min(BodySpec.PREFIX_BYTES, to);
      front.writeBytes(spec.prefix(), from, unique - from);
      from = unique;
    }
    ByteBuf answer =
        from < to
            ? Unpooled.wrappedBuffer(front, Unpooled.wrappedBuffer(base.slice(from, to)))
            : front;
    stats.gave(spec.path(), span.to() - span.from());
    ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    done(ctx);
  }

  private void text(ChannelHandlerContext ctx, String status, String text) {
    StringBuilder answer = new StringBuilder(128);
    answer.append("HTTP/1.1 ").append(status).append("\r\nContent-Length: ");
    answer.append(text.length()).append("\r\nConnection: close\r\n\r\n").append(text);
    ctx.writeAndFlush(ascii(answer)).addListener(ChannelFutureListener.CLOSE);
  }

  private void done(ChannelHandlerContext ctx) {
    answering = false;
    next(ctx);
  }

  private static ByteBuf ascii(CharSequence text) {
    ByteBuf bytes = Unpooled.directBuffer(text.length() + BodySpec.PREFIX_BYTES);
    bytes.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return bytes;
  }
}
