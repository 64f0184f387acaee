package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Whatever bytes come, they are read alike whole and in pieces, and what is read as a request can
 * be written down again as exactly one.
 */
final class RequestDecoderFuzzTest {

  @FuzzTest
  void bytes_haveOneReading(byte[] data) {
    List<DecodedHead> whole = Wire.decode(Wire.LIMITS, List.of(data));

    assertThat(Wire.shown(Wire.decode(Wire.LIMITS, singles(data)))).isEqualTo(Wire.shown(whole));
    for (int at = data.length / 3; at > 0 && at < data.length; at += data.length / 3) {
      List<byte[]> halves =
          List.of(Arrays.copyOf(data, at), Arrays.copyOfRange(data, at, data.length));
      assertThat(Wire.shown(Wire.decode(Wire.LIMITS, halves))).isEqualTo(Wire.shown(whole));
    }
    for (int i = 0; i < whole.size(); i++) {
      boolean last = i == whole.size() - 1;
      switch (whole.get(i)) {
        case DecodedHead.Refused refused -> assertThat(last).isTrue();
        case DecodedHead.Request request -> {
          assertThat(request.hasBody() && !last).isFalse();
          assertSound(request);
        }
      }
    }
  }

  private static List<byte[]> singles(byte[] data) {
    List<byte[]> singles = new ArrayList<>(data.length);
    for (byte b : data) {
      singles.add(new byte[] {b});
    }
    return singles;
  }

  private static void assertSound(DecodedHead.Request request) {
    assertThat(request.method()).matches("[A-Z]{1,32}");
    assertThat(request.target()).matches("/[\\x21-\\x7e&&[^#]]*");
    HttpHeaders headers = request.headers();
    assertThat(headers.getAll("Host")).hasSizeBetween(request.chunkable() ? 1 : 0, 1);
    assertThat(headers.getAll("Content-Length").size())
        .isLessThanOrEqualTo(headers.contains("Transfer-Encoding") ? 0 : 1);
    if (!request.hasBody()) {
      assertThat(headers.getAll("Transfer-Encoding")).isEmpty();
      assertThat(headers.getAll("Content-Length")).allMatch(length -> length.matches("0+"));
    }
    assertThat(headers).allSatisfy(RequestDecoderFuzzTest::assertSoundField);
    List<byte[]> again = List.of(written(request));
    assertThat(Wire.shown(Wire.decode(Wire.LIMITS, again))).isEqualTo(Wire.shown(List.of(request)));
  }

  private static void assertSoundField(Map.Entry<String, String> field) {
    assertThat(field.getKey()).matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    assertThat(field.getValue()).doesNotContain("\r", "\n", "\0").doesNotMatch("(?s) .*|.* ");
  }

  private static byte[] written(DecodedHead.Request request) {
    StringBuilder text = new StringBuilder(request.method()).append(' ').append(request.target());
    text.append(request.chunkable() ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    request
        .headers()
        .forEach(field ->
            text.append(field.getKey()).append(':').append(field.getValue()).append("\r\n"));
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
