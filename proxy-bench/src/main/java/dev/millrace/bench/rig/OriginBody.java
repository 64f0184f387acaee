package dev.millrace.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Sends one large body by {@code sendfile}, region by region.
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class OriginBody {
  private static final long REGION_BYTES = 8L << 20;
  private static final int TICK_MILLIS = 20;
  private static final long TICKS_PER_SECOND = 1000 / TICK_MILLIS;

  private final ChannelHandlerContext ctx;
  private final BodySpec spec;
  private final BaseBody base;
  private final OriginStats.Counter stats;
  private final Runnable done;
  private long position;
  private long end;
  private boolean cut;

  /**
   * A part of a body.
   *
   * @param from its first byte
   * @param to the byte behind its last
   */
  record Span(long from, long to) {}

  OriginBody(
      ChannelHandlerContext ctx,
      BodySpec spec,
      BaseBody base,
      OriginStats.Counter stats,
      Runnable done) {
    this.ctx = ctx;
    this.spec = spec;
    this.base = base;
    this.stats = stats;
    this.done = done;
  }

  void send(Span span) {
    position = span.from();
    end = span.to();
    long cutAt = spec.pace().cutAt(span.from());
    if (cutAt >= 0 && cutAt < end) {
      end = cutAt;
      cut = true;
    }
    next();
  }

  private void next() {
    if (position >= end) {
      finish();
      return;
    }
    long rate = spec.pace().bytesPerSecond();
    long most = rate == 0 ? REGION_BYTES : Math.max(1, rate / TICKS_PER_SECOND);
    long wanted = Math.min(most, end - position);
    if (position < BodySpec.PREFIX_BYTES) {
      int unique = (int) Math.min(BodySpec.PREFIX_BYTES - position, wanted);
      ByteBuf prefix = Unpooled.wrappedBuffer(spec.prefix(), (int) position, unique);
      write(prefix, unique);
    } else {
      DefaultFileRegion region = base.region(position, wanted);
      write(region, region.count());
    }
  }

  private void write(Object message, long count) {
    position += count;
    if (spec.chunked()) {
      ctx.write(ascii(Long.toHexString(count) + "\r\n"))
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      ctx.write(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      ctx.writeAndFlush(ascii("\r\n")).addListener(written -> sent(written.isSuccess(), count));
    } else {
      ctx.writeAndFlush(message).addListener(written -> sent(written.isSuccess(), count));
    }
  }

  private void sent(boolean success, long count) {
    if (!success) {
      ctx.close().addListener(ChannelFutureListener.CLOSE);
      return;
    }
    stats.gave(spec.path(), count);
    if (spec.pace().bytesPerSecond() == 0) {
      next();
    } else {
      var later = ctx.executor().schedule(this::next, TICK_MILLIS, TimeUnit.MILLISECONDS);
      assert !later.isCancelled();
    }
  }

  private void finish() {
    if (cut || spec.close()) {
      ChannelFuture closed = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
      closed.addListener(ChannelFutureListener.CLOSE);
      return;
    }
    if (spec.chunked()) {
      ctx.writeAndFlush(ascii("0\r\n\r\n")).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
    done.run();
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }
}
