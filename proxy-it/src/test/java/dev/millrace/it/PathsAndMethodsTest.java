package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Trap;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that climb or inject, targets in other forms, methods that are not ours (P01 to P23). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PathsAndMethodsTest {
  private static final String OK = "the upstream was asked";

  @RegisterExtension final Rig rig = Rig.with("negative_ttl: 1");

  static Stream<Trap> climbs() {
    return Stream.of(
        new Trap("P01", "/../", "/a/../../SECRET"),
        new Trap("P02", "%2e%2e", "/a/%2e%2e/%2e%2e/SECRET"),
        new Trap("P03", "%2E%2E", "/a/%2E%2E/%2E%2E/SECRET"),
        new Trap("P04", ".%2e", "/a/.%2e/.%2e/SECRET"),
        new Trap("P05", "..%2f", "/a/..%2f..%2fSECRET"),
        new Trap("P06", "..%5c", "/a/..%5c..%5cSECRET"),
        new Trap("P07", "..\\", "/a/..\\..\\SECRET"),
        new Trap("P08", "..;", "/a/..;/..;/SECRET"),
        new Trap("P09", "%252e%252e", "/a/%252e%252e/%252e%252e/SECRET"),
        new Trap("P01b", "at the end", "/a/.."),
        new Trap("P01c", "out of the API", "/../../../../SECRET"));
  }

  @ParameterizedTest
  @MethodSource("climbs")
  void climbingPath_isRefused_orStaysBelowTheBase(Trap trap) {
    rig.origin().otherwise(Content.of(OK));
    int before = rig.origin().requests();

    Answer answer = rig.get(trap.text());

    List<Received> seen = rig.origin().received();
    assertThat(seen.subList(before, seen.size()))
        .allSatisfy(PathsAndMethodsTest::assertBelowTheBase);
    if (!trap.id().equals("P09") && !trap.id().equals("P08")) {
      assertThat(answer.status()).as(answer.toString()).isIn(400, 404);
      assertThat(seen).hasSize(before);
    }
  }

  private static void assertBelowTheBase(Received request) {
    String decoded = URLDecoder.decode(request.path(), StandardCharsets.ISO_8859_1);
    assertThat(request.path()).startsWith("/base/");
    assertThat(decoded.replace('\\', '/')).doesNotContain("/../").doesNotEndWith("/..");
  }

  static Stream<Trap> injections() {
    return Stream.of(
        new Trap("P10", "CRLF", "/a%0d%0aX-Injected:%20yes"),
        new Trap("P10b", "LF", "/a%0aX-Injected:%20yes"),
        new Trap("P11", "NUL", "/a%00b"),
        new Trap("P12", "not hex", "/a%zz"),
        new Trap("P12b", "cut escape", "/a%2"));
  }

  @ParameterizedTest
  @MethodSource("injections")
  void brokenEscape_isRefused_andInjectsNothing(Trap trap) {
    rig.origin().otherwise(Content.of(OK));
    int before = rig.origin().requests();

    Answer answer = rig.get(trap.text());

    assertThat(answer.status()).as(answer.toString()).isIn(400, 404);
    assertThat(rig.origin().requests()).isEqualTo(before);
    assertThat(rig.origin().received()).noneMatch(r -> r.has("X-Injected"));
    assertThat(answer.head().has("X-Injected")).isFalse();
  }

  /** P13, P14: the absolute form counts only when it names the host that was asked. */
  @Test
  void absoluteForm_ofAnotherHostIsRefused_ownIsServed() {
    String path = rig.path("absolute");
    rig.origin().at(path, Content.of("own"));
    String own = "127.0.0.1:" + rig.millrace().port();
    String foreign = "GET http://evil.example" + Rig.target(path) + " HTTP/1.1\r\nHost: ";

    assertThat(sendAndRead(foreign + own + "\r\n\r\n").status()).isEqualTo(400);
    assertThat(sendAndRead("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
        .satisfies(answer -> assertThat(answer.status()).isIn(302, 400, 404));
    assertThat(rig.origin().gets(path)).isZero();
    String mine = "GET http://" + own + Rig.target(path) + " HTTP/1.1\r\nHost: " + own;
    assertThat(sendAndRead(mine + "\r\n\r\n").text()).isEqualTo("own");
  }

  private Answer sendAndRead(String request) {
    try (RawClient client = rig.client()) {
      return client.send(request).read("GET");
    }
  }

  static Stream<Trap> otherMethods() {
    String to = " {T} HTTP/1.1\r\nHost: {H}\r\n\r\n";
    return Stream.of(
        new Trap(
            "P15",
            "CONNECT",
            "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n"),
        new Trap("P16", "TRACE", "TRACE" + to),
        new Trap("P17", "OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: {H}\r\n\r\n"),
        new Trap("P18", "PUT", "PUT" + to),
        new Trap("P19", "DELETE", "DELETE" + to),
        new Trap("P20", "PATCH", "PATCH" + to),
        new Trap("P21", "PURGE", "PURGE" + to),
        new Trap("P22", "BAN", "BAN" + to),
        new Trap("P23", "PROPFIND", "PROPFIND" + to),
        new Trap("P23b", "POST", "POST" + to));
  }

  @ParameterizedTest
  @MethodSource("otherMethods")
  void otherMethod_isRefused_andNothingGoesUpstream(Trap trap) {
    String path = rig.path("method");
    rig.origin().at(path, Content.of("x"));
    rig.get(path);
    rig.awaitStored(path);
    int before = rig.origin().requests();

    Answer answer;
    try (RawClient client = rig.client().patience(Duration.ofSeconds(5))) {
      client.send(trap.bytes(Rig.target(path), rig.millrace().port()));
      answer = client.read("GET");
    }

    assertThat(answer.status()).as(answer.toString()).isIn(400, 404, 405, 501);
    if (answer.status() == 405) {
      assertThat(answer.head().text("Allow")).contains("GET").contains("HEAD");
    }
    assertThat(answer.text()).doesNotContain("TRACE /");
    assertThat(rig.origin().requests()).isEqualTo(before);
    assertThat(rig.get(path).head().source()).isEqualTo("cache");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "PURGE", "POST", "TRACE", "PROPFIND"})
  void methodThatIsNotTaken_is405_withAllow(String method) {
    try (RawClient client = rig.client()) {
      Answer answer = client.request(method, Rig.target("/m")).read(method);

      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.head().text("Allow")).contains("GET").contains("HEAD");
    }
  }

  @Test
  void pathAndQuery_reachTheUpstreamAsTheyWere() {
    String path = rig.path("a%20b/@scope%2fname/c+d/~e!$&'()*,;=:@");
    rig.origin().otherwise(Content.of(OK));

    Answer answer = rig.get(path + "?x=%2F&y=a+b&z");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(rig.origin().received())
        .anyMatch(r -> r.target().equals("/base" + path + "?x=%2F&y=a+b&z"));
  }
}
