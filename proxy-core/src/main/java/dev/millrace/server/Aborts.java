package dev.millrace.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a connection by a reset, so that what it carried cannot be taken for complete. */
final class Aborts {
  private static final Logger LOG = LoggerFactory.getLogger(Aborts.class);

  private Aborts() {}

  /** Drops what is unsent and resets (SO_LINGER 0, as in RFC 9112 §8: an incomplete message). */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (ChannelException e) {
        // Closed by itself between the two calls, or by the peer: there is nothing left to reset.
        LOG.debug("the connection is gone before its reset", e);
      }
      // Past TLS: its close_notify would say that the end is meant (RFC 9112 §9.8).
      ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
      (tls == null ? channel.close() : tls.close())
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }
}
