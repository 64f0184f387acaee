package plants.format;

import io.netty.buffer.ByteBuf;

/** The fault: a rule that reads a counted buffer. */
final class HoldsBuffer {
  int size(ByteBuf body) {
    return body.readableBytes();
  }
}
