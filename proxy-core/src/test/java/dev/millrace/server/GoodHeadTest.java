package dev.millrace.server;

import static dev.millrace.server.Wire.SMUGGLED;
import static dev.millrace.server.Wire.head;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sound request is read as, however its bytes come. */
final class GoodHeadTest {
  private static final String GET = "GET / HTTP/1.1";
  private static final String HOST = "Host: h";

  private static DecodedHead.Request only(String text) {
    List<DecodedHead> decoded = Wire.decodeEveryWay(Wire.LIMITS, text);
    assertThat(decoded).singleElement().isInstanceOf(DecodedHead.Request.class);
    return (DecodedHead.Request) decoded.getFirst();
  }

  @Test
  void request_hasMethodTargetAndFields_asTheyWereSent() {
    DecodedHead.Request request =
        only(head("GET /a%2Fb?x=y HTTP/1.1", "HOST:h", "X-A:  a \t b\t ", "x-a: c", "Empty:"));

    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.target()).isEqualTo("/a%2Fb?x=y");
    assertThat(request.headers().getAll("X-a")).containsExactly("a \t b", "c");
    assertThat(request.headers().get("empty")).isEmpty();
    assertThat(request.headers().get("host")).isEqualTo("h");
    assertThat(request.keepAlive()).isTrue();
    assertThat(request.chunkable()).isTrue();
    assertThat(request.hasBody()).isFalse();
  }

  @Test
  void value_mayHoldAnyByteThatIsNoControl() {
    DecodedHead.Request request = only(head(GET, HOST, "X: \u00e9\u0080\u00ff\"\\,;(){}"));

    assertThat(request.headers().get("X")).isEqualTo("\u00e9\u0080\u00ff\"\\,;(){}");
  }

  @Test
  void name_mayHoldAnyTokenLetter() {
    DecodedHead.Request request = only(head(GET, HOST, "aZ09!#$%&'*+-.^_`|~: x"));

    assertThat(request.headers().get("aZ09!#$%&'*+-.^_`|~")).isEqualTo("x");
  }

  /** RFC 9112 §2.2. */
  @Test
  void oneEmptyLineInFront_isForgiven() {
    assertThat(only("\r\n" + head(GET, HOST)).target()).isEqualTo("/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET", "HEAD", "PUT", "DELETE", "PATCH", "PURGE", "BAN", "PROPFIND", "TRACE"})
  void method_isAnyWordOfCapitals(String method) {
    assertThat(only(head(method + " / HTTP/1.1", HOST)).method()).isEqualTo(method);
  }

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "//x, //x",
    "/x?, /x?",
    "/http://g/x, /http://g/x",
    "/%00, /%00",
    "/../x, /../x",
    "/a|b{c}, /a|b{c}",
    "http://h/x, /x",
    "HTTP://H/x?y, /x?y",
    "http://h, /",
    "http://h/, /",
    "http://h//x, //x",
    "http://h/http://g/, /http://g/"
  })
  void target_isInOriginForm_orOfOurOwnAuthority(String sent, String read) {
    assertThat(only(head("GET " + sent + " HTTP/1.1", HOST)).target()).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h",
        "registry.example.com",
        "registry.example.com:8000",
        "h:",
        "h:0",
        "h:65535",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:8000",
        "[::ffff:127.0.0.1]",
        "under_score.example.com",
        "xn--bcher-kva.example.com."
      })
  void host_isANameOrAnAddress_andAPort(String host) {
    assertThat(only(head(GET, "Host: " + host)).headers().get("Host")).isEqualTo(host);
    assertThat(only(head("GET http://" + host + "/x HTTP/1.1", "Host: " + host)).target())
        .isEqualTo("/x");
  }

  @Test
  void oldClient_needsNoHost_andIsNotKept() {
    DecodedHead.Request request = only(head("GET /x HTTP/1.0"));

    assertThat(request.keepAlive()).isFalse();
    assertThat(request.chunkable()).isFalse();
    assertThat(only(head("GET /x HTTP/1.0", "Connection: keep-alive")).keepAlive()).isFalse();
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "K01 | close, Host | false",
        "K01 | close, Content-Length, Authorization | false",
        "K02 | CLOSE | false",
        "K02 | keep-alive, close | false",
        "K02 | ,close, | false",
        "K02 | keep-alive | true",
        "K02 | closed | true",
        "K02 | x-close | true",
        "K02 | '' | true",
        "K03 | Upgrade, HTTP2-Settings | true",
        "K04 | Upgrade | true"
      })
  void connection_closesOnlyWhereItSaysSo(String id, String value, boolean keep) {
    DecodedHead.Request request =
        only(
            head(
                GET,
                HOST,
                "Connection: " + value,
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAAP__"));

    assertThat(request.keepAlive()).as(id).isEqualTo(keep);
    assertThat(request.hasBody()).isFalse();
  }

  @Test
  void connection_mayHaveSeveralLines() {
    assertThat(only(head(GET, HOST, "Connection: x", "Connection: close")).keepAlive()).isFalse();
  }

  /** F41. */
  @Test
  void expectation_withoutABody_hasNothingToWaitFor() {
    assertThat(only(head(GET, HOST, "Expect: 100-Continue")).hasBody()).isFalse();
  }

  @Test
  void lengthOfZero_isNoBody() {
    List<DecodedHead> decoded =
        Wire.decodeEveryWay(Wire.LIMITS, head(GET, HOST, "Content-Length: 000") + SMUGGLED);

    assertThat(decoded).hasSize(2).allMatch(head -> head instanceof DecodedHead.Request);
  }

  /**
   * F24 to F40, F44: a body is never read, so its framing cannot be misread, and nothing in or
   * behind it is a request.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("bodies")
  void body_isNeverReadAsARequest(String id, String text) {
    List<DecodedHead> decoded = Wire.decodeEveryWay(Wire.LIMITS, text);

    assertThat(decoded).as(id).hasSize(1);
    assertThat(((DecodedHead.Request) decoded.getFirst()).hasBody()).as(id).isTrue();
  }

  static Stream<Arguments> bodies() {
    Stream<Arguments> chunks =
        Stream.of(
                "F24|0x5\r\nhello\r\n0\r\n\r\n",
                "F25|+5\r\nhello\r\n0\r\n\r\n",
                "F26|-1\r\nhello\r\n0\r\n\r\n",
                "F27| 5\r\nhello\r\n0\r\n\r\n",
                "F28|10000000000000005\r\nhello\r\n0\r\n\r\n",
                "F29|5\nhello\n0\n\n",
                "F30|5;a\nhello\r\n0\r\n\r\n",
                "F31|5;a=\"\r\n0\r\n\r\n\"\r\nhello\r\n0\r\n\r\n",
                "F32|5;a\0\r\nhello\r\n0\r\n\r\n",
                "F33|5\r\nhello, world\r\n0\r\n\r\n",
                "F34|5\r\nhello0\r\n\r\n",
                "F35|5;" + "x".repeat(500) + "\r\nhello\r\n0\r\n\r\n",
                "F36|ZZ\r\n",
                "F37|5;\r\nhello\r\n0\r\n\r\n",
                "F38|0\r\nContent-Length: 5\r\n\r\n",
                "F44|5;\r\nhello\r\n0\r\n\r\n",
                "sound|5\r\nhello\r\n0\r\n\r\n",
                "empty|0\r\n\r\n")
            .map(body -> {
              int bar = body.indexOf('|');
              String head = head("POST / HTTP/1.1", HOST, "Transfer-Encoding: Chunked");
              return Arguments.of(
                  body.substring(0, bar), head + body.substring(bar + 1) + SMUGGLED);
            });
    int length = SMUGGLED.length();
    Stream<Arguments> lengths =
        Stream.of(
            Arguments.of("F39", head(GET, HOST, "Content-Length: " + length) + SMUGGLED),
            Arguments.of(
                "F40", head("HEAD / HTTP/1.1", HOST, "Content-Length: " + length) + SMUGGLED),
            Arguments.of("short", head(GET, HOST, "Content-Length: 1") + "x" + SMUGGLED),
            Arguments.of("1.0", head("POST / HTTP/1.0", "Content-Length: 01") + "x" + SMUGGLED),
            Arguments.of("long", head(GET, HOST, "Content-Length: 999999999999999999") + SMUGGLED),
            Arguments.of(
                "expected",
                head("PUT / HTTP/1.1", HOST, "Expect: 100-continue", "Content-Length: 5")
                    + SMUGGLED));
    return Stream.concat(chunks, lengths);
  }
}
