package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Upstreams that lie, babble or break (traps U01 to U28). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileUpstreamTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String PARTIAL = "HTTP/1.1 206 Partial\r\n";
  private static final String CLEAN = "a clean answer";

  @RegisterExtension
  final Rig rig =
      Rig.with("upstream_response_header_timeout: 1", "idle_timeout: 1", "negative_ttl: 0")
          .limits("resume_wait: 200ms");

  /** One hostile upstream. */
  record Row(String id, String what, Script script) {
    @Override
    public String toString() {
      return id + " " + what;
    }
  }

  static Stream<Row> framing() {
    return Stream.of(
        raw("U01", "extra bytes", OK + "Content-Length: 5\r\n\r\nhello and some more"),
        raw("U02", "short body", OK + "Content-Length: 50\r\n\r\nhello"),
        raw("U03", "no last chunk", CHUNKED + "5\r\nhello\r\n"),
        raw(
            "U04",
            "CL and TE",
            OK + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        raw("U05", "two CLs", OK + "Content-Length: 5\r\nContent-Length: 3\r\n\r\nhello"),
        raw("U06", "CL -1", OK + "Content-Length: -1\r\n\r\nhello"),
        raw("U07", "unknown TE", OK + "Transfer-Encoding: bogus\r\n\r\nhello"),
        raw("U07b", "chunked not last", OK + "Transfer-Encoding: chunked, gzip\r\n\r\nhello"),
        raw("U22", "chunk overflow", CHUNKED + "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
        raw("U22b", "chunk over 2^63", CHUNKED + "8000000000000000\r\nhello\r\n0\r\n\r\n"),
        raw("U23", "LF chunks", CHUNKED + "5\nhello\n0\n\n"));
  }

  static Stream<Row> heads() {
    return Stream.of(
        raw("U08", "no colon", OK + "Broken Line\r\nContent-Length: 2\r\n\r\nhi"),
        raw("U09", "bare CR", OK + "X: a\rb\r\nContent-Length: 2\r\n\r\nhi"),
        raw("U10", "2 MiB of head", OK + "X: " + "a".repeat(2 << 20) + "\r\n\r\nhi"),
        raw(
            "U11",
            "10,000 x 103",
            "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10_000) + OK + "\r\nhi"),
        raw("U12", "stray 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello"),
        raw("U13", "stray 304", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
        raw(
            "U14",
            "stray 206",
            PARTIAL + "Content-Range: bytes 0-4/50\r\n" + "Content-Length: 5\r\n\r\n" + "hello"),
        raw("U15", "status 2000", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nhi"),
        raw("U16", "status 099", "HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nhi"),
        raw("U17", "not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"),
        raw(
            "U28",
            "control byte in the reason",
            "HTTP/1.1 200 O\u0001K\r\nContent-Length: 2\r\n\r\nhi"),
        raw("U28b", "NUL in a value", OK + "X: a\0b\r\nContent-Length: 2\r\n\r\nhi"),
        new Row("U27", "redirect to a file", Script.redirect("file:///etc/passwd")));
  }

  private static Row raw(String id, String what, String bytes) {
    return new Row(id, what, Script.rawKeepingOpen(bytes));
  }

  private static void answerAndClose(Row row, Exchange exchange) throws IOException {
    row.script().answer(exchange);
    exchange.closeAfter();
  }

  @ParameterizedTest
  @MethodSource({"framing", "heads"})
  void invalidAnswer_is502OrAbort_storesNothing_andTheNextIsClean(Row row) {
    String path = rig.path(row.id());
    rig.origin().at(path, exchange -> answerAndClose(row, exchange));

    assertRefused(rig.get(path));
    assertNextIsClean(path);
  }

  private static void assertRefused(Answer answer) {
    if (answer.status() == 200) {
      assertThat(answer.end().visiblyBroken()).as(answer.toString()).isTrue();
    } else {
      assertThat(answer.status()).as(answer.toString()).isIn(-1, 502, 504);
    }
    assertThat(answer.text()).doesNotContain("root:");
  }

  private void assertNextIsClean(String path) {
    int before = rig.origin().gets(path);
    rig.origin().at(path, Content.of(CLEAN));
    for (int i = 0; i < 2; i++) {
      Answer next = rig.get(path);
      assertThat(next.status()).as(next.toString()).isEqualTo(200);
      assertThat(next.text()).isEqualTo(CLEAN);
      assertThat(next.whole()).isTrue();
      rig.awaitStored(path);
    }
    assertThat(rig.origin().gets(path)).isEqualTo(before + 1);
  }

  /** The same without closing behind it: what is left must not be read as the next answer. */
  @ParameterizedTest
  @MethodSource({"framing", "heads"})
  void invalidAnswer_onAConnectionKeptOpen_poisonsNoLaterAnswer(Row row) {
    String path = rig.path(row.id());
    String other = rig.path("other");
    rig.origin().at(path, row.script()).at(other, Content.of(CLEAN));

    assertRefused(rig.get(path));
    for (int i = 0; i < 3; i++) {
      assertThat(rig.get(other + "?" + i).text()).isEqualTo(CLEAN);
    }
    assertNextIsClean(path);
  }

  /** U26: the port is open and would answer. */
  @Test
  void redirectToAnotherLoopbackPort_is502_andNobodyConnectsThere() {
    String path = rig.path("U26");
    rig.elsewhere().at(path, Content.of("root: must not be seen"));
    rig.origin().at(path, Script.redirect(rig.elsewhere().url() + "/base" + path));

    Answer answer = rig.get(path);

    assertThat(answer.status()).as(answer.toString()).isEqualTo(502);
    assertThat(rig.elsewhere().connections()).isZero();
    assertNextIsClean(path);
  }

  /** U01b: a whole answer that nobody asked for follows; it must never become one. */
  @Test
  void unsolicitedAnswerBehindTheBody_isNobodysAnswer() {
    String path = rig.path("U01b");
    String evil = OK + "Content-Length: 4\r\n\r\nevil";
    rig.origin().at(path, Script.rawKeepingOpen(OK + "Content-Length: 5\r\n\r\nhello" + evil));

    Answer first = rig.get(path);
    String other = rig.path("other");
    rig.origin().at(other, Content.of(CLEAN));

    assertThat(first.status() == 502 || first.end().visiblyBroken() || first.text().equals("hello"))
        .as(first.toString())
        .isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(rig.get(other + "?" + i).text()).isEqualTo(CLEAN);
    }
  }

  /** U18: accepts and says nothing. */
  @ParameterizedTest
  @MethodSource("silent")
  void silence_is504_andTheNextIsClean(Row row) {
    String path = rig.path(row.id());
    rig.origin().at(path, row.script());

    assertThat(rig.get(path).status()).isEqualTo(504);
    assertNextIsClean(path);
  }

  static Stream<Row> silent() {
    return Stream.of(
        new Row("U18", "silence", Script.silence()),
        new Row(
            "U18b",
            "half a head",
            exchange -> {
              exchange.send("HTTP/1.1 200 OK\r\nConten");
              exchange.waitForPeer();
            }));
  }

  static Stream<Row> relayed() {
    return Stream.of(
        new Row("U20", "500", Script.status(500)),
        new Row("U20b", "503 with Retry-After", Script.status(503, "Retry-After: 7")),
        new Row("U20c", "429 with Retry-After", Script.status(429, "Retry-After: 7")),
        new Row("U21", "403", Script.status(403)),
        new Row("U21b", "401", Script.status(401, "WWW-Authenticate: Basic realm=\"x\"")),
        new Row("U21c", "404", Script.status(404)),
        new Row("U21d", "410", Script.status(410)));
  }

  @ParameterizedTest
  @MethodSource("relayed")
  void errorStatus_isPassedOn_andNeverStored(Row row) {
    String path = rig.path(row.id());
    rig.origin().at(path, row.script());
    int status = Integer.parseInt(row.what().substring(0, 3));

    Answer answer = rig.get(path);

    assertThat(answer.status()).isEqualTo(status);
    if (row.what().contains("Retry-After")) {
      assertThat(answer.head().first("Retry-After")).isEqualTo("7");
    }
    assertNextIsClean(path);
  }

  static Stream<Row> harmless() {
    return Stream.of(
        new Row(
            "U19",
            "Set-Cookie",
            Content.of(CLEAN).with("Set-Cookie: id=s3cr3t").with("Set-Cookie2: id=s3cr3t")),
        raw(
            "U24",
            "103 then 200",
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                + OK
                + "Content-Length: 14\r\n\r\n"
                + CLEAN),
        raw(
            "U24b",
            "100 then 200",
            "HTTP/1.1 100 Continue\r\n\r\n" + OK + "Content-Length: 14\r\n\r\n" + CLEAN));
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void harmlessOddity_isServed_withoutIt(Row row) {
    String path = rig.path(row.id());
    rig.origin().at(path, row.script());

    Answer first = rig.get(path);
    rig.awaitStored(path);
    Answer second = rig.get(path);

    for (Answer answer : new Answer[] {first, second}) {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(CLEAN);
      assertThat(answer.head().toString()).doesNotContain("s3cr3t");
    }
  }

  /** U25: a body behind 204 is no answer to anybody's request. */
  @ParameterizedTest
  @MethodSource("noContent")
  void noContentWithABody_isNotStored_andItsBodyPoisonsNobody(Row row) {
    String path = rig.path(row.id());
    String other = rig.path("after");
    rig.origin().at(path, row.script()).at(other, Content.of(CLEAN));

    try (RawClient client = rig.client()) {
      Answer answer = client.get(Rig.target(path));
      Answer next = client.get(Rig.target(other));

      assertThat(answer.status()).isIn(204, 502);
      assertThat(answer.head().has("Content-Length") && answer.status() == 204).isFalse();
      assertThat(next.text()).isEqualTo(CLEAN);
    }
    assertNextIsClean(path);
  }

  static Stream<Row> noContent() {
    String head = "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello";
    return Stream.of(
        new Row("U25", "closed behind it", Script.raw(head)), raw("U25b", "kept open", head));
  }
}
