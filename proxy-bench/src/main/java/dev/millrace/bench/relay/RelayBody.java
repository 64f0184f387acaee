package dev.millrace.bench.relay;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;

/**
 * One body on its way through a relay. Two designs that stream and one that does not share it.
 *
 * <p>Threading: confined to the client's loop, which is the upstream's, too.
 */
interface RelayBody {
  /** The upstream's head. */
  void head(HttpResponse head);

  /** A piece of the body. Ownership: stays with the caller. */
  void piece(ByteBuf piece) throws IOException;

  /** All of it came. */
  void end() throws IOException;

  /** The client or the upstream left. */
  void close();
}
