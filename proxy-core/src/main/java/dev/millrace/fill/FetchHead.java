package dev.millrace.fill;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * The head of an upstream's final response.
 *
 * @param status status code, 200 to 599
 * @param headers all its fields; read only
 * @param contentLength declared length in bytes of the body that follows, -1 when it is not
 *     declared
 * @param framing how the end of the body is known
 */
public record FetchHead(int status, HttpHeaders headers, long contentLength, Framing framing) {

  /** How a body says where it ends (RFC 9112 §6.3). */
  public enum Framing {
    /** No body at all: HEAD, 204, 304. */
    NONE,
    /** {@code Content-Length}. */
    LENGTH,
    /** {@code Transfer-Encoding: chunked}. */
    CHUNKED,
    /** The connection's end, which proves nothing. */
    CLOSE
  }
}
