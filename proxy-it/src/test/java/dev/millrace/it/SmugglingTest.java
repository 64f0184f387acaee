package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Trap;
import dev.millrace.it.rig.Verdict;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests whose framing two parties could read in two ways (traps F01 to F44). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SmugglingTest {
  private static final String HIDDEN =
      "GET /api/v1/remote/gen/SMUGGLED HTTP/1.1\r\nHost: {H}\r\n\r\n";
  private static final String HEAD = "{M} {T} HTTP/1.1\r\nHost: {H}\r\n";
  private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";

  @RegisterExtension final Rig rig = Rig.with();

  static Stream<Trap> lengths() {
    return Stream.of(
        fields("F01", "CL then TE", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        fields("F02", "TE then CL", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
        fields("F03", "two CLs", "Content-Length: 0\r\nContent-Length: 5", "hello"),
        fields("F04", "CL list", "Content-Length: 0, 5", "hello"),
        fields("F05", "CL +0", "Content-Length: +0", ""),
        fields("F06", "CL -1", "Content-Length: -1", ""),
        fields("F07", "CL 0x5", "Content-Length: 0x5", "hello"),
        fields("F08", "CL 1 0", "Content-Length: 1 0", "h"),
        fields("F09", "CL empty", "Content-Length: ", ""),
        fields("F10", "CL over 2^63", "Content-Length: 9223372036854775808", ""),
        fields("F11", "CL over 2^64", "Content-Length: 18446744073709551616", ""));
  }

  static Stream<Trap> codings() {
    String end = "0\r\n\r\n";
    return Stream.of(
        fields("F12", "xchunked", "Transfer-Encoding: xchunked", end),
        fields("F13", "chunked, gzip", "Transfer-Encoding: chunked, gzip", end),
        fields("F14", "chunked twice", "Transfer-Encoding: chunked, chunked", end),
        fields("F15", "chunked, xchunked", "Transfer-Encoding: chunked, xchunked", end),
        fields(
            "F16", "two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", end),
        fields("F17", "space before the colon", "Transfer-Encoding : chunked", end),
        fields("F18", "folded", "Transfer-Encoding:\r\n chunked", end),
        fields("F19", "VT in front", "Transfer-Encoding: \u000bchunked", end),
        fields("F20", "parameter", "Transfer-Encoding: chunked;a=b", end),
        new Trap(
            "F21",
            "HTTP/1.0 with CL",
            "{M} {T} HTTP/1.0\r\nHost: {H}\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
                + end
                + HIDDEN),
        new Trap(
            "F22",
            "HTTP/1.0 without CL",
            "{M} {T} HTTP/1.0\r\nHost: {H}\r\nTransfer-Encoding: chunked\r\n"
                + "Connection: keep-alive\r\n\r\n"
                + end
                + HIDDEN),
        fields("F23", "empty", "Transfer-Encoding: ", end));
  }

  static Stream<Trap> chunks() {
    String end = "\r\nhello\r\n0\r\n\r\n";
    return Stream.of(
        chunk("F24", "0x5", "0x5" + end),
        chunk("F25", "+5", "+5" + end),
        chunk("F26", "-1", "-1" + end),
        chunk("F27", "leading space", " 5" + end),
        chunk("F28", "over 2^64", "10000000000000005" + end),
        chunk("F29", "LF only", "5\nhello\n0\n\n"),
        chunk("F30", "LF in the extension", "5;a\nb" + end),
        chunk("F31", "CR in the extension", "5;a\rb" + end),
        chunk("F32", "CRLF in quotes", "5;a=\"\r\n\"" + end),
        chunk("F33", "NUL in the extension", "5;a\0b" + end),
        chunk("F34", "more data than announced", "5\r\nhelloXYZ\r\n0\r\n\r\n"),
        chunk("F35", "no CRLF after the data", "5\r\nhello0\r\n\r\n"),
        chunk("F36", "128 KiB of extension", "5;" + "a".repeat(128 << 10) + end),
        chunk("F37", "ZZ", "ZZ" + end),
        chunk("F44", "bare semicolon", "5;" + end));
  }

  static Stream<Trap> bodies() {
    return Stream.of(
        chunk(
            "F38",
            "forbidden trailers",
            "5\r\nhello\r\n0\r\nContent-Length: 50\r\nHost: evil.example\r\n\r\n"),
        fields("F39", "request-like body", "Content-Length: " + length(HIDDEN), ""),
        new Trap(
            "F40",
            "HEAD with a request-like body",
            ("HEAD {T} HTTP/1.1\r\nHost: {H}\r\nContent-Length: " + length(HIDDEN) + "\r\n\r\n")
                + HIDDEN),
        fields(
            "F43",
            "Transfer_Encoding",
            "Content-Length: 5\r\nTransfer_Encoding: chunked",
            "0\r\n\r\n"));
  }

  private static int length(String text) {
    return text.replace("{H}", "127.0.0.1:00000").length();
  }

  private static Trap fields(String id, String what, String lines, String body) {
    return new Trap(id, what, HEAD + lines + "\r\n\r\n" + body + HIDDEN);
  }

  private static Trap chunk(String id, String what, String body) {
    return new Trap(id, what, CHUNKED + body + HIDDEN);
  }

  @ParameterizedTest
  @MethodSource({"lengths", "codings", "chunks", "bodies"})
  void ambiguousGet_is400_closed_andNothingGoesUpstream(Trap trap) {
    assertRefused(trap.replacing("{M}", "GET"));
  }

  @ParameterizedTest
  @MethodSource({"lengths", "codings", "chunks", "bodies"})
  void ambiguousPost_isRefused_closed_andNothingGoesUpstream(Trap trap) {
    assertRefused(trap.replacing("{M}", "POST"));
  }

  private void assertRefused(Trap trap) {
    Verdict verdict = Verdict.of(rig, trap, Duration.ofSeconds(10));

    assertThat(verdict.onlyStatus()).as(verdict.toString()).isIn(400, 405, 501);
    assertThat(verdict.closed()).as(verdict.toString()).isTrue();
    assertThat(verdict.reachedOrigin()).isEmpty();
    assertThat(rig.origin().sawAnywhere("SMUGGLED")).isFalse();
  }

  static Stream<Trap> expectations() {
    return Stream.of(
        new Trap("F41", "Expect on GET", HEAD + "Expect: 100-continue\r\n\r\n"),
        new Trap("F42", "odd Expect", HEAD + "Expect: 200-ok; x=\"\u00ff\"\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource("expectations")
  void expectation_getsOneAnswer_andIsNotForwarded(Trap trap) {
    Verdict verdict = Verdict.of(rig, trap.replacing("{M}", "GET"), Duration.ofSeconds(1));

    assertThat(verdict.onlyStatus()).as(verdict.toString()).isIn(200, 400, 417);
    assertThat(rig.origin().sawAnywhere("Expect:")).isFalse();
  }
}
