package dev.millrace.server;

import dev.millrace.config.Limits;
import dev.millrace.exchange.Exchanges;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Pauses the listening socket when it cannot accept, as when the process has no descriptor left:
 * the kernel would report the waiting connection again at once, and the loop would spin.
 *
 * <p>Limits: a pause of {@code Limits.ACCEPT_PAUSE_MILLIS}; who wants to connect waits in the
 * backlog.
 *
 * <p>Threading: confined to the listening channel's loop.
 */
final class AcceptPause extends ChannelInboundHandlerAdapter {
  private final Exchanges exchanges;

  AcceptPause(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var config = ctx.channel().config();
    if (!config.isAutoRead()) {
      return;
    }
    exchanges.acceptFailed(cause);
    config.setAutoRead(false);
    ctx.executor()
        .schedule(
            () -> {
              config.setAutoRead(true);
            },
            Limits.ACCEPT_PAUSE_MILLIS,
            TimeUnit.MILLISECONDS)
        .addListener(resumed -> {
          assert resumed.cause() == null : resumed.cause();
        });
  }
}
