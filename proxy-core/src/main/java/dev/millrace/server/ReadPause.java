package dev.millrace.server;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;

/**
 * Reads nothing more of a connection while its client leaves the answers in our buffers, and goes
 * on when they have left.
 *
 * <p>In front of Netty's codec for HTTP/2, which asks for more by itself when automatic reading is
 * off: it leaves the pace to the windows, which do not bound heads, resets and pongs.
 *
 * <p>Limits: the channel's high-water mark, and what one read brought.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class ReadPause extends ChannelDuplexHandler {
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    // Behind the events of this change, which may bring about the next one.
    ctx.fireChannelWritabilityChanged();
    ctx.channel().config().setAutoRead(ctx.channel().isWritable());
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    if (ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }
}
