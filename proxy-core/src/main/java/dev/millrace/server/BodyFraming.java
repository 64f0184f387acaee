package dev.millrace.server;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** Whether a request head announces a body (RFC 9112 §6), read without forgiveness. */
enum BodyFraming {
  ABSENT,
  PRESENT,
  /** Ambiguous or malformed. */
  INVALID;

  private static final int LENGTH_DIGITS_MAX = 18;

  /** Reads {@code Content-Length} and {@code Transfer-Encoding}. */
  static BodyFraming of(HttpHeaders headers, boolean chunkable) {
    List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (lengths.size() + codings.size() > 1 || hasLookalike(headers)) {
      return INVALID;
    }
    if (codings.size() == 1) {
      return chunkable && codings.getFirst().equalsIgnoreCase("chunked") ? PRESENT : INVALID;
    }
    return lengths.isEmpty() ? ABSENT : ofLength(lengths.getFirst());
  }

  private static BodyFraming ofLength(String value) {
    if (value.isEmpty() || value.length() > LENGTH_DIGITS_MAX) {
      return INVALID;
    }
    boolean zero = true;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        return INVALID;
      }
      zero &= c == '0';
    }
    return zero ? ABSENT : PRESENT;
  }

  /** Names that a server behind some gateways reads as the real ones. */
  private static boolean hasLookalike(HttpHeaders headers) {
    for (Map.Entry<String, String> field : headers) {
      String name = field.getKey();
      if (name.indexOf('_') >= 0) {
        String plain = name.replace('_', '-');
        if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(plain)
            || HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(plain)) {
          return true;
        }
      }
    }
    return false;
  }
}
