package dev.millrace.server;

import dev.millrace.observe.Refusal;
import io.netty.handler.codec.http.HttpHeaders;

/** What the decoder makes of the bytes of one request head. */
sealed interface DecodedHead {
  /**
   * An unambiguous request.
   *
   * @param method the method, upper case
   * @param target the target in origin form
   * @param headers its fields
   * @param keepAlive whether the client keeps the connection
   * @param chunkable whether the client reads chunked bodies (HTTP/1.1)
   * @param hasBody whether a body follows, which nothing here reads
   */
  record Request(
      String method,
      String target,
      HttpHeaders headers,
      boolean keepAlive,
      boolean chunkable,
      boolean hasBody)
      implements DecodedHead {}

  /**
   * Bytes that are not one; nothing behind them is read.
   *
   * @param refusal why
   */
  record Refused(Refusal refusal) implements DecodedHead {}
}
