package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import dev.millrace.it.rig.Trap;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Client fields that must not travel on, and must not change what another client gets (K01 to K15).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FieldsTest {
  private static final String MARK = "m4rk3r";

  @RegisterExtension final Rig rig = Rig.with();

  static Stream<Trap> unkeyed() {
    return Stream.of(
        new Trap("K05", "X-Forwarded-Host", "X-Forwarded-Host: m4rk3r.example"),
        new Trap("K06", "X-Forwarded-Proto", "X-Forwarded-Proto: m4rk3r"),
        new Trap("K07", "X-Forwarded-For", "X-Forwarded-For: m4rk3r"),
        new Trap("K08", "X-Original-URL", "X-Original-URL: /m4rk3r"),
        new Trap("K09", "X-Rewrite-URL", "X-Rewrite-URL: /m4rk3r"),
        new Trap("K10", "X-HTTP-Method-Override", "X-HTTP-Method-Override: m4rk3r"),
        new Trap("K11", "Forwarded", "Forwarded: for=m4rk3r;host=m4rk3r.example"),
        new Trap("K12", "X-Forwarded-Prefix", "X-Forwarded-Prefix: /m4rk3r"),
        new Trap("K13", "Authorization", "Authorization: Basic m4rk3r"),
        new Trap("K14", "Cookie", "Cookie: a=m4rk3r"),
        new Trap("K14b", "Proxy-Authorization", "Proxy-Authorization: Basic m4rk3r"),
        new Trap("K02", "hop-by-hop", "Connection: X-Hop\r\nX-Hop: m4rk3r\r\nTE: m4rk3r"),
        new Trap("K02b", "Keep-Alive", "Keep-Alive: m4rk3r\r\nProxy-Connection: m4rk3r"),
        new Trap(
            "K02c", "Referer", "Referer: http://m4rk3r.example/\r\nOrigin: http://m4rk3r.example"));
  }

  /** The upstream reflects every field it gets, so a forwarded one would poison the store. */
  private static void reflect(Exchange exchange) throws IOException {
    Content.of("seen: " + exchange.request().headText()).answer(exchange);
  }

  @ParameterizedTest
  @MethodSource("unkeyed")
  void clientField_isNotForwarded_andTheNextClientSeesNothingOfIt(Trap trap) {
    String path = rig.path(trap.id());
    rig.origin().at(path, FieldsTest::reflect);

    Answer first = rig.get(path, trap.text().split("\r\n", -1));
    rig.awaitStored(path);
    Answer second = rig.get(path);

    assertThat(first.status()).isEqualTo(200);
    assertThat(second.status()).isEqualTo(200);
    assertThat(first.text()).doesNotContain(MARK);
    assertThat(second.text()).doesNotContain(MARK);
    assertThat(second.head().toString()).doesNotContain(MARK);
    assertThat(rig.origin().sawAnywhere(MARK)).isFalse();
  }

  /** K01: a client must not make us drop our own Host on the way. */
  @Test
  void connectionNamingHost_doesNotStripHostUpstream() {
    String path = rig.path("K01");
    rig.origin().at(path, Content.of("x"));

    Answer answer = rig.get(path, "Connection: close, Host");

    assertThat(answer.status()).isIn(200, 400);
    assertThat(rig.origin().received(path))
        .allSatisfy(
            r -> assertThat(r.all("Host")).containsExactly("127.0.0.1:" + rig.origin().port()));
  }

  static Stream<Trap> upgrades() {
    return Stream.of(
        new Trap(
            "K03",
            "h2c",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"),
        new Trap(
            "K04",
            "websocket",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"));
  }

  @ParameterizedTest
  @MethodSource("upgrades")
  void upgradeOffer_isIgnored_andTheConnectionStaysHttp11(Trap trap) {
    String path = rig.path(trap.id());
    rig.origin().at(path, Content.of("plain"));

    try (RawClient client = rig.client()) {
      Answer first = client.get(Rig.target(path), trap.text().split("\r\n", -1));
      Answer second = client.get(Rig.target(path));

      assertThat(first.status()).isEqualTo(200);
      assertThat(first.text()).isEqualTo("plain");
      assertThat(first.head().has("Upgrade")).isFalse();
      assertThat(second.text()).isEqualTo("plain");
    }
    assertThat(rig.origin().received(path))
        .allSatisfy(r -> {
          assertThat(r.has("Upgrade")).isFalse();
          assertThat(r.has("HTTP2-Settings")).isFalse();
          assertThat(r.has("Sec-WebSocket-Key")).isFalse();
        });
  }

  /** K15: answers of pipelined requests come in order and never swap. */
  @Test
  void pipelinedPairs_areAnsweredInOrder_slowFirst() {
    List<String> paths = List.of(rig.path("one"), rig.path("two"), rig.path("three"), "/none");
    Body large = Body.random(2_000_000, 91);
    rig.origin()
        .at(paths.get(0), Content.of(large))
        .at(paths.get(1), Content.of("two"))
        .at(paths.get(2), Content.of("three"));

    try (RawClient client = rig.client()) {
      paths.forEach(path -> client.request("GET", Rig.target(path)));
      assertThat(client.read("GET").mismatch(large.bytes())).isEqualTo(-1);
      assertThat(client.read("GET").text()).isEqualTo("two");
      assertThat(client.read("GET").text()).isEqualTo("three");
      assertThat(client.read("GET").status()).isEqualTo(404);
    }
  }

  @Test
  void upstreamRequest_isOurOwn_andAsksForIdentity() {
    String path = rig.path("own");
    rig.origin().at(path, Content.of("x"));

    rig.get(path, "Accept-Encoding: gzip, br", "User-Agent: " + MARK, "Range: bytes=0-0");

    Received request = rig.origin().received(path).getFirst();
    assertThat(request.requestLine()).isEqualTo("GET /base" + path + " HTTP/1.1");
    assertThat(request.all("Host")).containsExactly("127.0.0.1:" + rig.origin().port());
    assertThat(request.all("Accept-Encoding")).containsExactly("identity");
    assertThat(request.has("Transfer-Encoding")).isFalse();
  }

  @Test
  void upstreamHopByHopFields_areNotPassedToClients() {
    String path = rig.path("hop");
    rig.origin()
        .at(
            path,
            Content.of("x")
                .with("Connection: X-Inner, keep-alive")
                .with("X-Inner: " + MARK)
                .with("Keep-Alive: timeout=77")
                .with("Proxy-Authenticate: Basic")
                .with("Trailer: X-T")
                .with("Upgrade: h2c"));

    Answer first = rig.get(path);
    rig.awaitStored(path);
    Answer second = rig.get(path);

    for (Answer answer : List.of(first, second)) {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.head().has("X-Inner")).isFalse();
      assertThat(answer.head().text("Keep-Alive")).doesNotContain("77");
      assertThat(answer.head().has("Proxy-Authenticate")).isFalse();
      assertThat(answer.head().has("Upgrade")).isFalse();
      assertThat(answer.head().has("Trailer")).isFalse();
    }
  }

  @Test
  void upstreamsOwnXArtifactSource_doesNotReachTheClient() {
    String path = rig.path("own-marks");
    rig.origin()
        .at(path, Content.of("x").with("X-Artifact-Source: forged").with("Cache-Status: forged"));

    Answer answer = rig.get(path);

    assertThat(answer.head().all("X-Artifact-Source")).containsExactly("remote");
    assertThat(answer.head().all("Cache-Status")).noneMatch(value -> value.equals("forged"));
  }

  @Test
  void errorAnswers_areProblemJson_onApiRoutes() {
    rig.origin().at("/gone", Script.status(404));

    Answer answer = rig.get("/gone");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.head().text("Content-Type")).startsWith("application/problem+json");
    assertThat(answer.text()).contains("\"status\"");
  }
}
