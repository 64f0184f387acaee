package dev.millrace.bench.rig;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The end of a response is found, however it is cut into reads. */
final class ResponseScannerTest {
  private static final String PLAIN = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
  private static final String CHUNKED =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "7", "1000"})
  void bodyWithLength_endsAtItsLength(int step) {
    ResponseScanner scanner = fed(PLAIN, step);

    assertThat(scanner.isDone()).isTrue();
    assertThat(scanner.status()).isEqualTo(200);
    assertThat(scanner.bodyBytes()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "7", "1000"})
  void bodyInChunks_endsAtTheLastOne(int step) {
    ResponseScanner scanner = fed(CHUNKED, step);

    assertThat(scanner.isDone()).isTrue();
    assertThat(scanner.bodyBytes()).isEqualTo(5);
  }

  @Test
  void cutBody_isNotDone() {
    assertThat(fed(PLAIN.substring(0, PLAIN.length() - 1), 1000).isDone()).isFalse();
    assertThat(fed(CHUNKED.substring(0, CHUNKED.length() - 2), 1000).isDone()).isFalse();
  }

  @Test
  void neitherLengthNorChunks_endsByClose() {
    ResponseScanner scanner = fed("HTTP/1.1 200 OK\r\n\r\nabc", 1000);

    assertThat(scanner.isDone()).isFalse();
    assertThat(scanner.endsByClose()).isTrue();
    assertThat(scanner.bodyBytes()).isEqualTo(3);
  }

  @Test
  void emptyBody_isDoneWithItsHead() {
    assertThat(fed("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 1000).isDone()).isTrue();
    assertThat(fed("HTTP/1.1 304 Not Modified\r\n\r\n", 1000).isDone()).isTrue();
  }

  @Test
  void reset_beginsTheNextResponse() {
    ResponseScanner scanner = fed(PLAIN, 1000);
    scanner.reset();
    feed(scanner, CHUNKED, 4);

    assertThat(scanner.isDone()).isTrue();
    assertThat(scanner.bodyBytes()).isEqualTo(5);
  }

  private static ResponseScanner fed(String text, int step) {
    ResponseScanner scanner = new ResponseScanner();
    feed(scanner, text, step);
    return scanner;
  }

  private static void feed(ResponseScanner scanner, String text, int step) {
    for (int at = 0; at < text.length(); at += step) {
      String part = text.substring(at, Math.min(text.length(), at + step));
      ByteBuf bytes = Unpooled.copiedBuffer(part, StandardCharsets.ISO_8859_1);
      scanner.feed(bytes);
      bytes.release();
    }
  }
}
