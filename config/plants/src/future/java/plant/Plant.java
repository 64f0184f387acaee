package plant;

import io.netty.channel.Channel;

/** The fault: a write whose failure nobody sees. */
final class Plant {
  void send(Channel channel, Object message) {
    channel.writeAndFlush(message);
  }
}
