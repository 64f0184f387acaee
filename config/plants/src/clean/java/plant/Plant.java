package plant;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** No fault: what the other plants do, done right. */
@NullMarked
final class Plant {

  /**
   * A name that may be absent.
   *
   * @param text the name
   */
  record Name(@Nullable String text) {}

  int length(Name name) {
    String text = name.text();
    return text == null ? 0 : text.length();
  }

  void send(Channel channel, Object message) {
    channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }
}
