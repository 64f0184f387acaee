package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Trap;
import dev.millrace.it.rig.Verdict;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that are not HTTP/1.1 to the letter (traps S01 to S39). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SyntaxTest {
  private static final String LINE = "GET {T} HTTP/1.1\r\n";
  private static final String HOST = "Host: {H}\r\n";
  private static final String END = "\r\n";

  @RegisterExtension final Rig rig = Rig.with().limits("header_read_timeout: 3s");

  static Stream<Trap> lines() {
    return Stream.of(
        new Trap("S01", "LF lines", "GET {T} HTTP/1.1\nHost: {H}\n\n"),
        new Trap("S02", "LF after the request line", "GET {T} HTTP/1.1\n" + HOST + END),
        new Trap("S03", "bare CR between fields", LINE + "Host: {H}\rX: 1\r\n" + END),
        field("S04", "NUL in a value", "X: a\0b\r\n"),
        field("S05", "NUL in a name", "X\0Y: a\r\n"),
        new Trap("S06", "control bytes in front", "\u0001\u0002" + LINE + HOST + END),
        new Trap("S07", "10,000 empty lines", "\r\n".repeat(10_000) + LINE + HOST + END),
        new Trap("S08", "space in front", " " + LINE + HOST + END),
        field("S09", "folded field", "X: a\r\n b\r\n"),
        field("S10", "space before the colon", "X : a\r\n"),
        field("S11", "empty name", ": a\r\n"),
        field("S12", "no colon", "Xabc\r\n"),
        field("S13", "control byte in a name", "X\u0001Y: a\r\n"),
        field("S14", "8 bit in a name", "X\u00e9: a\r\n"),
        new Trap("S15", "white space before the first field", LINE + " X: a\r\n" + HOST + END));
  }

  static Stream<Trap> requestLines() {
    return Stream.of(
        new Trap("S16", "HTTP/0.9", "GET {T}\r\n\r\n"),
        requestLine("S17", "HTTP/2.0 in text", "GET {T} HTTP/2.0"),
        requestLine("S18", "HTTP/9.9", "GET {T} HTTP/9.9"),
        requestLine("S19", "lower-case http", "GET {T} http/1.1"),
        requestLine("S20", "two spaces", "GET  {T}  HTTP/1.1"),
        requestLine("S21", "tab", "GET\t{T}\tHTTP/1.1"),
        requestLine("S22", "CR in the target", "GET {T}\rx HTTP/1.1"),
        requestLine("S23", "NUL in the target", "GET {T}\0x HTTP/1.1"),
        requestLine("S24", "space in the target", "GET {T} x HTTP/1.1"),
        requestLine("S25", "fragment", "GET {T}#x HTTP/1.1"),
        requestLine("S26", "8 bit in the target", "GET {T}\u00e9 HTTP/1.1"),
        requestLine("S32", "lower-case method", "get {T} HTTP/1.1"),
        requestLine("S33", "bad bytes in the method", "G(T {T} HTTP/1.1"),
        requestLine("S34", "GET *", "GET * HTTP/1.1"),
        requestLine("S37", "no slash in front", "GET api/v1/remote/gen/x HTTP/1.1"),
        requestLine("S39", "version cut off", "GET {T} HTTP/1."));
  }

  static Stream<Trap> hosts() {
    return Stream.of(
        new Trap("S27", "no Host", LINE + END),
        new Trap("S28", "empty Host", LINE + "Host: \r\n" + END),
        new Trap("S29", "two Hosts", LINE + HOST + "Host: evil.example\r\n" + END),
        new Trap("S29b", "the same Host twice", LINE + HOST + HOST + END),
        new Trap("S30", "Host list", LINE + "Host: {H}, evil.example\r\n" + END),
        new Trap("S31", "Host with userinfo", LINE + "Host: user@{H}\r\n" + END),
        new Trap("S35", "Host with path", LINE + "Host: {H}/x\r\n" + END),
        new Trap("S36", "Host with a bad port", LINE + "Host: 127.0.0.1:80:80\r\n" + END),
        new Trap("S36b", "Host with a space", LINE + "Host: a b\r\n" + END));
  }

  private static Trap field(String id, String what, String line) {
    return new Trap(id, what, LINE + HOST + line + END);
  }

  private static Trap requestLine(String id, String what, String line) {
    return new Trap(id, what, line + "\r\n" + HOST + END);
  }

  @ParameterizedTest
  @MethodSource({"lines", "requestLines", "hosts"})
  void malformedRequest_isRefused_closed_andNothingGoesUpstream(Trap trap) {
    int before = rig.origin().requests();

    Verdict verdict = Verdict.of(rig, trap, Duration.ofSeconds(10));

    assertThat(verdict.onlyStatus()).as(verdict.toString()).isIn(400, 501, 505);
    assertThat(verdict.closed()).as(verdict.toString()).isTrue();
    assertThat(rig.origin().requests()).isEqualTo(before);
  }

  /** S38: a TLS client on the clear port. */
  @Test
  void tlsBytesOnTheClearPort_areRefusedAndClosed() {
    Trap hello =
        new Trap(
            "S38",
            "TLS ClientHello",
            "\u0016\u0003\u0001\u0000\u00c8\u0001\u0000\u0000\u00c4\u0003\u0003"
                + "\u0007".repeat(200));

    Verdict verdict = Verdict.of(rig, hello, Duration.ofSeconds(15));

    assertThat(verdict.finals())
        .allMatch(answer -> answer.status() == 400 || answer.status() == 408);
    assertThat(verdict.closed()).as(verdict.toString()).isTrue();
    assertThat(verdict.reachedOrigin()).isEmpty();
  }

  @Test
  void cleanRequest_isServed_afterAllOfIt() {
    String path = rig.path("clean");
    rig.origin().at(path, Content.of("clean"));

    assertThat(rig.get(path).text()).isEqualTo("clean");
  }
}
