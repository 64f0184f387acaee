package plants.storage;

import io.netty.channel.Channel;

/** The fault: a device that knows a channel. */
final class Sends {
  boolean ready(Channel channel) {
    return channel.isWritable();
  }
}
