package dev.millrace.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;

/** Ends a connection by a reset, so that what it carried cannot be taken for complete. */
final class Aborts {
  private Aborts() {}

  /** Drops what is unsent and resets (SO_LINGER 0, as in RFC 9112 §8: an incomplete message). */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }
}
