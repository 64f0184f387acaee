package plants.serve;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The fault: a shared handler that counts. */
@Sharable
final class CountingHandler extends ChannelInboundHandlerAdapter {
  private int seen;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    seen++;
    ctx.fireChannelRead(seen);
  }
}
