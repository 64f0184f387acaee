package dev.millrace.server;

import static dev.millrace.observe.Refusal.BAD_REQUEST;
import static dev.millrace.observe.Refusal.EXPECTATION;
import static dev.millrace.observe.Refusal.VERSION;
import static dev.millrace.server.Wire.SMUGGLED;
import static dev.millrace.server.Wire.head;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.observe.Refusal;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that are not one unambiguous request are refused, however they come, and nothing behind
 * them is read as a request.
 */
final class HostileHeadTest {
  private static final String GET = "GET / HTTP/1.1";
  private static final String POST = "POST / HTTP/1.1";
  private static final String HOST = "Host: h";

  private static Arguments row(String id, String text, Refusal refusal) {
    return Arguments.of(id, text, refusal);
  }

  private static Arguments bad(String id, String... lines) {
    return row(id, head(lines), BAD_REQUEST);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "lengths",
    "codings",
    "bodies",
    "lines",
    "fields",
    "hosts",
    "versions",
    "targets",
    "methods",
    "strangers"
  })
  void head_isRefused_andNothingBehindItIsRead(String id, String text, Refusal refusal) {
    List<DecodedHead> decoded = Wire.decodeEveryWay(Wire.LIMITS, text + SMUGGLED);

    assertThat(decoded).as(id).containsExactly(new DecodedHead.Refused(refusal));
  }

  /** F01 to F11. */
  static Stream<Arguments> lengths() {
    return Stream.of(
        bad("F01 CL, TE", GET, HOST, "Content-Length: 5", "Transfer-Encoding: chunked"),
        bad("F02 TE, CL", GET, HOST, "Transfer-Encoding: chunked", "Content-Length: 5"),
        bad("F02 TE, CL 0", GET, HOST, "Transfer-Encoding: chunked", "Content-Length: 0"),
        bad("F02 TE, CL, POST", POST, HOST, "Transfer-Encoding: chunked", "Content-Length: 0"),
        bad("F03 two CL", GET, HOST, "Content-Length: 0", "Content-Length: 5"),
        bad("F03 two equal CL", GET, HOST, "Content-Length: 0", "content-length: 0"),
        bad("F04 list", GET, HOST, "Content-Length: 0, 5"),
        bad("F04 equal list", GET, HOST, "Content-Length: 0,0"),
        bad("F05 plus", GET, HOST, "Content-Length: +0"),
        bad("F06 minus", GET, HOST, "Content-Length: -1"),
        bad("F06 minus zero", GET, HOST, "Content-Length: -0"),
        bad("F07 hex", GET, HOST, "Content-Length: 0x5"),
        bad("F08 blank inside", GET, HOST, "Content-Length: 1 0"),
        bad("F08 underline", GET, HOST, "Content-Length: 1_0"),
        bad("F09 empty", GET, HOST, "Content-Length:"),
        bad("F09 blank", GET, HOST, "Content-Length: \t "),
        bad("F10 2^63", GET, HOST, "Content-Length: 9223372036854775808"),
        bad("F11 2^64", GET, HOST, "Content-Length: 18446744073709551616"),
        bad("F11 2^64 + 5", GET, HOST, "Content-Length: 18446744073709551621"),
        bad("fraction", GET, HOST, "Content-Length: 5.0"),
        bad("exponent", GET, HOST, "Content-Length: 1e1"),
        bad("quotes", GET, HOST, "Content-Length: \"5\""),
        bad("word", GET, HOST, "Content-Length: five"),
        bad("Latin-1 digit", GET, HOST, "Content-Length: \u00b2"),
        bad("VT", GET, HOST, "Content-Length: \u000b5"),
        bad("colon twice", GET, HOST, "Content-Length: : 5"),
        bad("lookalike", GET, HOST, "Content_Length: 5"));
  }

  /** F12 to F23, F43. */
  static Stream<Arguments> codings() {
    return Stream.of(
        bad("F12 xchunked", POST, HOST, "Transfer-Encoding: xchunked"),
        bad("F13 chunked, gzip", POST, HOST, "Transfer-Encoding: chunked, gzip"),
        bad("F13 gzip, chunked", POST, HOST, "Transfer-Encoding: gzip, chunked"),
        bad("F14 twice", POST, HOST, "Transfer-Encoding: chunked, chunked"),
        bad("F15 chunked, xchunked", POST, HOST, "Transfer-Encoding: chunked, xchunked"),
        bad("F16 two", POST, HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        bad("F16 two", POST, HOST, "Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
        bad("F17 blank", POST, HOST, "Transfer-Encoding : chunked"),
        bad("F17 tab", POST, HOST, "Transfer-Encoding\t: chunked"),
        bad("F18 folded", POST, HOST, "Transfer-Encoding:", " chunked"),
        bad("F19 VT", POST, HOST, "Transfer-Encoding: \u000bchunked"),
        bad("F19 FF", POST, HOST, "Transfer-Encoding: \u000cchunked"),
        bad("F20 parameter", POST, HOST, "Transfer-Encoding: chunked;a=b"),
        bad("F21 1.0", "POST / HTTP/1.0", HOST, "Transfer-Encoding: chunked"),
        bad("F22 1.0, CL", "GET / HTTP/1.0", "Transfer-Encoding: chunked", "Content-Length: 5"),
        bad("F23 empty", POST, HOST, "Transfer-Encoding:"),
        bad("comma", POST, HOST, "Transfer-Encoding: ,chunked"),
        bad("comma behind", POST, HOST, "Transfer-Encoding: chunked,"),
        bad("identity", POST, HOST, "Transfer-Encoding: identity"),
        bad("quotes", POST, HOST, "Transfer-Encoding: \"chunked\""),
        bad("Latin-1", POST, HOST, "Transfer-Encoding: \u00a0chunked"),
        bad("NUL", POST, HOST, "Transfer-Encoding: chunked\0"),
        bad("blank in front", POST, " Transfer-Encoding: chunked", HOST),
        bad("F43 lookalike", POST, HOST, "Transfer_Encoding: chunked"),
        bad("F43 lookalike, CL", POST, HOST, "transfer_encoding: chunked", "Content-Length: 0"));
  }

  /** F38 to F42. */
  static Stream<Arguments> bodies() {
    return Stream.of(
        row("F42 odd", head(GET, HOST, "Expect: 100-continued"), EXPECTATION),
        row("F42 other", head(GET, HOST, "Expect: 200-ok"), EXPECTATION),
        row("F42 empty", head(GET, HOST, "Expect:"), EXPECTATION),
        row("F42 list", head(GET, HOST, "Expect: 100-continue, x"), EXPECTATION),
        row(
            "F42 two",
            head(GET, HOST, "Expect: 100-continue", "Expect: 100-continue"),
            EXPECTATION));
  }

  /** S01 to S15: lines and what stands in front of them. */
  static Stream<Arguments> lines() {
    return Stream.of(
        row("S01 LF", "GET / HTTP/1.1\nHost: h\n\n", BAD_REQUEST),
        row("S01 LF behind the line", "GET / HTTP/1.1\nHost: h\r\n\r\n", BAD_REQUEST),
        row("S01 LF behind a field", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", BAD_REQUEST),
        row("S01 LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", BAD_REQUEST),
        row("S01 CR CR LF", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", BAD_REQUEST),
        row("S02 CR in the line", "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", BAD_REQUEST),
        row("S02 CR for CRLF", "GET / HTTP/1.1\rHost: h\r\r", BAD_REQUEST),
        row("S02 CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", BAD_REQUEST),
        row("S02 CR in a name", "GET / HTTP/1.1\r\nHost: h\r\nX\r: a\r\n\r\n", BAD_REQUEST),
        row("S03 NUL in a value", head(GET, HOST, "X: a\0b"), BAD_REQUEST),
        row("S03 NUL in a name", head(GET, HOST, "X\0: a"), BAD_REQUEST),
        row("S03 DEL in a value", head(GET, HOST, "X: a\u007fb"), BAD_REQUEST),
        row("S03 ESC in a value", head(GET, HOST, "X: \u001b[2J"), BAD_REQUEST),
        row("S04 NUL in front", "\0" + head(GET, HOST), BAD_REQUEST),
        row("S04 control in front", "\u0001\u0002" + head(GET, HOST), BAD_REQUEST),
        row("S05 two empty lines", "\r\n\r\n" + head(GET, HOST), BAD_REQUEST),
        row("S05 empty lines", "\r\n".repeat(200) + head(GET, HOST), BAD_REQUEST),
        row("S05 LF in front", "\n" + head(GET, HOST), BAD_REQUEST),
        row("S05 CR in front", "\r" + head(GET, HOST), BAD_REQUEST),
        row("S05 blank in front", " " + head(GET, HOST), BAD_REQUEST),
        row("S05 CRLF, blank", "\r\n " + head(GET, HOST), BAD_REQUEST),
        row("S05 8-bit in front", "\u00ef\u00bb\u00bf" + head(GET, HOST), BAD_REQUEST));
  }

  /** S06 to S16: names and folding. */
  static Stream<Arguments> fields() {
    Stream<Arguments> named =
        Stream.of(
            bad("S09 folded", GET, HOST, "X: a", " b"),
            bad("S09 folded by a tab", GET, HOST, "X: a", "\tb"),
            bad("S09 folded into nothing", GET, HOST, "X: a", " "),
            bad("S09 the first", GET, " Host: h"),
            bad("S09 the first is blank", GET, " ", HOST),
            bad("S10 folded Host", GET, "Host:", " h"),
            bad("S11 no colon", GET, HOST, "X"),
            bad("S11 no colon, blank", GET, HOST, "X a"),
            bad("S12 no name", GET, HOST, ": a"),
            bad("S12 colon", GET, HOST, ":"),
            bad("S13 blank in the name", GET, HOST, "X Y: a"),
            bad("S13 blank behind the name", GET, HOST, "X : a"),
            bad("S13 tab behind the name", GET, HOST, "X\t: a"));
    Stream<Arguments> letters =
        IntStream.concat(
                "(),/;<=>?@[\\]{}\"\u0001\u001f\u007f".chars(), IntStream.of(0x80, 0xa0, 0xff))
            .mapToObj(c -> bad("S14 name with " + c, GET, HOST, "X" + (char) c + "Y: a"));
    Stream<Arguments> controls =
        IntStream.concat(IntStream.range(0, 0x20), IntStream.of(0x7f))
            .filter(c -> c != '\t')
            .mapToObj(c -> bad("S15 value with " + c, GET, HOST, "X: a" + (char) c));
    return Stream.of(named, letters, controls).flatMap(rows -> rows);
  }

  /** S27 to S31, S35, S36. */
  static Stream<Arguments> hosts() {
    return Stream.of(
        bad("S27 missing", GET, "X: y"),
        bad("S27 no field at all", GET),
        bad("S28 two", GET, HOST, "Host: g"),
        bad("S28 two equal", GET, HOST, HOST),
        bad("S28 two, 1.0", "GET / HTTP/1.0", HOST, HOST),
        bad("S29 list", GET, "Host: h, g"),
        bad("S29 list without blank", GET, "Host: h,g"),
        bad("S30 user", GET, "Host: u@h"),
        bad("S30 user and password", GET, "Host: u:p@h"),
        bad("S31 path", GET, "Host: h/x"),
        bad("S31 query", GET, "Host: h?x"),
        bad("S31 fragment", GET, "Host: h#x"),
        bad("S31 backslash", GET, "Host: h\\x"),
        bad("S31 scheme", GET, "Host: http://h"),
        bad("S35 empty", GET, "Host:"),
        bad("S35 blank", GET, "Host:  \t"),
        bad("S35 port alone", GET, "Host: :80"),
        bad("S36 blank inside", GET, "Host: h g"),
        bad("S36 port of letters", GET, "Host: h:http"),
        bad("S36 two ports", GET, "Host: h:80:80"),
        bad("S36 port too large", GET, "Host: h:65536"),
        bad("S36 port too long", GET, "Host: h:000080"),
        bad("S36 negative port", GET, "Host: h:-1"),
        bad("S36 open bracket", GET, "Host: [::1"),
        bad("S36 closed bracket", GET, "Host: ::1]"),
        bad("S36 no brackets", GET, "Host: ::1"),
        bad("S36 behind the bracket", GET, "Host: [::1]x"),
        bad("S36 percent", GET, "Host: h%00"),
        bad("S36 8-bit", GET, "Host: h\u00e9"),
        bad("S36 1.0", "GET / HTTP/1.0", "Host: a b"));
  }

  /** S17 to S19, S22. */
  static Stream<Arguments> versions() {
    return Stream.of(
        row("S17 0.9", "GET /\r\n", BAD_REQUEST),
        row("S17 0.9, blank", "GET / \r\n", BAD_REQUEST),
        row("S17 0.9 said", head("GET / HTTP/0.9", HOST), VERSION),
        row("S18 9.9", head("GET / HTTP/9.9", HOST), VERSION),
        row("S18 2.0", head("GET / HTTP/2.0", HOST), VERSION),
        row("S18 1.2", head("GET / HTTP/1.2", HOST), VERSION),
        row("S18 1.9", head("GET / HTTP/1.9", HOST), VERSION),
        row("S18 0.0", head("GET / HTTP/0.0", HOST), VERSION),
        row("S18 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION),
        bad("S19 http/1.1", "GET / http/1.1", HOST),
        bad("S19 Http/1.1", "GET / Http/1.1", HOST),
        bad("S22 no minor", "GET / HTTP/1", HOST),
        bad("S22 dot", "GET / HTTP/1.", HOST),
        bad("S22 no major", "GET / HTTP/.1", HOST),
        bad("S22 two digits", "GET / HTTP/1.10", HOST),
        bad("S22 leading zero", "GET / HTTP/01.1", HOST),
        bad("S22 comma", "GET / HTTP/1,1", HOST),
        bad("S22 minus", "GET / HTTP/-1.1", HOST),
        bad("S22 other", "GET / ICY/1.1", HOST),
        bad("S22 no slash", "GET / HTTP1.1", HOST),
        bad("S22 blank inside", "GET / HTTP/ 1.1", HOST),
        bad("S22 letter behind", "GET / HTTP/1.1x", HOST),
        bad("S22 Latin-1 digit", "GET / HTTP/1.\u00b9", HOST));
  }

  /** S20 to S26, S34, S37, P13. */
  static Stream<Arguments> targets() {
    return Stream.of(
        bad("S20 two blanks", "GET  / HTTP/1.1", HOST),
        bad("S20 two blanks", "GET /  HTTP/1.1", HOST),
        bad("S20 tab", "GET\t/ HTTP/1.1", HOST),
        bad("S20 tab", "GET /\tHTTP/1.1", HOST),
        bad("S20 VT", "GET /\u000bHTTP/1.1", HOST),
        bad("S21 blank behind", "GET / HTTP/1.1 ", HOST),
        bad("S21 blank inside", "GET /a b HTTP/1.1", HOST),
        bad("S21 version inside", "GET / HTTP/1.1 HTTP/1.1", HOST),
        bad("S21 no target", "GET HTTP/1.1", HOST),
        bad("S21 no target, two blanks", "GET  HTTP/1.1", HOST),
        bad("S21 method alone", "GET", HOST),
        bad("S23 CR", "GET /a\rb HTTP/1.1", HOST),
        bad("S24 NUL", "GET /a\0b HTTP/1.1", HOST),
        bad("S24 control", "GET /a\u001fb HTTP/1.1", HOST),
        bad("S24 DEL", "GET /a\u007fb HTTP/1.1", HOST),
        bad("S25 fragment", "GET /a#b HTTP/1.1", HOST),
        bad("S26 8-bit", "GET /\u00e9 HTTP/1.1", HOST),
        bad("S26 UTF-8", "GET /\u00c3\u00a9 HTTP/1.1", HOST),
        bad("S34 asterisk", "GET * HTTP/1.1", HOST),
        bad("P17 OPTIONS *", "OPTIONS * HTTP/1.1", HOST),
        bad("S37 no slash", "GET x HTTP/1.1", HOST),
        bad("S37 question mark", "GET ?x HTTP/1.1", HOST),
        bad("S37 host", "GET h/x HTTP/1.1", HOST),
        bad("P13 foreign", "GET http://g/x HTTP/1.1", HOST),
        bad("P13 foreign port", "GET http://h:81/x HTTP/1.1", HOST),
        bad("P13 foreign suffix", "GET http://h.g/x HTTP/1.1", HOST),
        bad("P13 user", "GET http://h@g/x HTTP/1.1", HOST),
        bad("P13 own, with user", "GET http://u@h/x HTTP/1.1", HOST),
        bad("P13 https", "GET https://h/x HTTP/1.1", HOST),
        bad("P13 other scheme", "GET ftp://h/x HTTP/1.1", HOST),
        bad("P13 file", "GET file:///etc/passwd HTTP/1.1", HOST),
        bad("P13 no authority", "GET http:///x HTTP/1.1", HOST),
        bad("P13 one slash", "GET http:/h/x HTTP/1.1", HOST),
        bad("P13 query without path", "GET http://h?x HTTP/1.1", HOST),
        bad("P13 backslash", "GET http://h\\x HTTP/1.1", HOST),
        bad("P13 without Host", "GET http://h/x HTTP/1.0"));
  }

  /** S32, P15. */
  static Stream<Arguments> methods() {
    return Stream.of(
        bad("S32 get", "get / HTTP/1.1", HOST),
        bad("S32 Get", "Get / HTTP/1.1", HOST),
        bad("S33 empty", " / HTTP/1.1", HOST),
        bad("S33 digit", "G3T / HTTP/1.1", HOST),
        bad("S33 hyphen", "M-SEARCH / HTTP/1.1", HOST),
        bad("S33 at", "G@T / HTTP/1.1", HOST),
        bad("S33 NUL", "GE\0T / HTTP/1.1", HOST),
        bad("S33 8-bit", "G\u00c9T / HTTP/1.1", HOST),
        bad("S33 long", "G".repeat(33) + " / HTTP/1.1", HOST),
        bad("P15 CONNECT", "CONNECT g:443 HTTP/1.1", HOST),
        bad("P15 CONNECT own", "CONNECT h:80 HTTP/1.1", "Host: h:80"));
  }

  /** S38, S39: other protocols on our port. */
  static Stream<Arguments> strangers() {
    return Stream.of(
        row("S38 TLS", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", BAD_REQUEST),
        row("S38 SSLv2", "\u0080.\u0001\u0003\u0001", BAD_REQUEST),
        row("S39 SSH", "SSH-2.0-client\r\n", BAD_REQUEST),
        row("S39 SMTP", "EHLO h\r\n", BAD_REQUEST),
        row("S39 PROXY", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + head(GET, HOST), BAD_REQUEST),
        row("S39 response", "HTTP/1.1 200 OK\r\n\r\n", BAD_REQUEST));
  }
}
