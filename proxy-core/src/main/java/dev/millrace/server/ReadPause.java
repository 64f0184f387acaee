package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.exchange.Exchanges;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads nothing more of a connection while its client leaves the answers in our buffers, goes on
 * when they have left, and ends the connection of a client that takes none of them.
 *
 * <p>In front of Netty's codec for HTTP/2, which asks for more by itself when automatic reading is
 * off: it leaves the pace to the windows, which do not bound heads, resets and pongs.
 *
 * <p>Limits: the channel's high-water mark, and what one read brought; {@code
 * limits.client_write_timeout} without coming down to the low-water mark.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class ReadPause extends ChannelDuplexHandler {
  private final Exchanges exchanges;
  private final long limitNanos;
  private @Nullable Future<?> waiting;

  ReadPause(Exchanges exchanges, ServerLimits limits) {
    this.exchanges = exchanges;
    this.limitNanos = limits.clientWriteTimeout().toNanos();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    // Behind the events of this change, which may bring about the next one.
    ctx.fireChannelWritabilityChanged();
    boolean writable = ctx.channel().isWritable();
    ctx.channel().config().setAutoRead(writable);
    stopWaiting();
    if (!writable && ctx.channel().isActive()) {
      waiting = ctx.executor().schedule(() -> end(ctx), limitNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void end(ChannelHandlerContext ctx) {
    exchanges.clientTooSlow();
    Aborts.reset(ctx.channel());
  }

  private void stopWaiting() {
    Future<?> pending = waiting;
    waiting = null;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    stopWaiting();
    ctx.fireChannelInactive();
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    if (ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }
}
