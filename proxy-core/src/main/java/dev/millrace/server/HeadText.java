package dev.millrace.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Arrays;

/**
 * The bytes of one response head, gathered on the heap and copied once: writing them one by one
 * into a direct buffer takes several times as long.
 *
 * <p>Texts are Latin-1, so that obs-text bytes of an upstream's field go through as they came.
 *
 * <p>Threading: confined to one method call.
 */
final class HeadText {
  private static final int BYTES_EXPECTED = 512;

  private byte[] bytes = new byte[BYTES_EXPECTED];
  private int length;

  /** The first line. */
  void statusLine(int status) {
    HttpResponseStatus known = HttpResponseStatus.valueOf(status);
    text("HTTP/1.1 ");
    text(Integer.toString(status));
    text(" ");
    text(known.reasonPhrase());
    text("\r\n");
  }

  /** One field. */
  void field(String name, String value) {
    text(name);
    text(": ");
    text(value);
    text("\r\n");
  }

  /** The whole head with its empty line. Ownership: the caller's. */
  ByteBuf encode(ByteBufAllocator allocator) {
    text("\r\n");
    return allocator.directBuffer(length, length).writeBytes(bytes, 0, length);
  }

  @SuppressWarnings("deprecation") // the one copy of Latin-1 characters that needs no array between
  private void text(String text) {
    int end = length + text.length();
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
    }
    text.getBytes(0, text.length(), bytes, length);
    length = end;
  }
}
