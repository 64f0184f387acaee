package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.fill.FetchRequest;
import dev.millrace.observe.FetchFailure;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries that want a token, over real sockets. */
final class TokenTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String BLOB = "v2/team/app/blobs/sha256:" + "a".repeat(64);
  private static final String TAG = "v2/team/app/manifests/v1";

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000);
  private final OriginFixture fixture = OriginFixture.with(OriginFixture.clock(now::get));
  private final AtomicInteger given = new AtomicInteger();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static OriginFixture.Remote registry() {
    OriginFixture.Remote remote = new OriginFixture.Remote();
    remote.packageType = "docker";
    remote.privateRedirects = true;
    return remote;
  }

  private static String json(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** Gives tokens t1, t2 and so on. */
  private ScriptedOrigin server(String more) throws IOException {
    return ScriptedOrigin.of(peer -> {
      while (peer.readHead() != null) {
        peer.send(json("{\"token\":\"t" + given.incrementAndGet() + "\"" + more + "}"));
      }
    });
  }

  /** Wants a token; takes those that begin like this. */
  private static ScriptedOrigin wanting(ScriptedOrigin server, String prefix) throws IOException {
    return ScriptedOrigin.of(peer -> {
      for (String head = peer.readHead(); head != null; head = peer.readHead()) {
        boolean good = head.contains("\r\nAuthorization: Bearer " + prefix);
        peer.send(good ? HELLO : challenge(server.url() + "/token"));
      }
    });
  }

  private static String challenge(String realm) {
    return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\""
        + realm
        + "\",service=\"reg\",scope=\"repository:*:push repository:b:pull\"\r\nContent-Length: 4\r\n\r\nwhat";
  }

  private static long asked(ScriptedOrigin origin) {
    return origin.heads().stream().filter(head -> head.startsWith("GET ")).count();
  }

  /** Trap OC08: what is asked for is what is needed, whatever the challenge suggests. */
  @Test
  void token_isFetched_andTheRequestRepeatedAsItWas() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "t")) {
      FetchRequest request =
          FetchRequest.get(registry().at(origin.url()), TAG).accepting(List.of("a/b, c/d", "e/f"));

      assertThat(fixture.fetch(request).summary()).isEqualTo("200 LENGTH_MET hello");

      assertThat(origin.heads()).hasSize(2);
      assertThat(origin.heads().get(0)).doesNotContain("Authorization");
      assertThat(origin.heads())
          .allSatisfy(head ->
              assertThat(head)
                  .startsWith("GET /" + TAG + " ")
                  .contains("\r\nAccept: a/b, c/d\r\nAccept: e/f\r\n")
                  .doesNotContain("*/*"));
      assertThat(server.heads().getFirst())
          .startsWith("GET /token?service=reg&scope=repository%3Ateam%2Fapp%3Apull HTTP/1.1\r\n")
          .doesNotContain("Authorization");
    }
  }

  @Test
  void nextRequestForTheRepository_bringsTheTokenAlong() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "t1")) {
      var remote = registry().at(origin.url());
      fixture.get(remote, TAG);
      assertThat(fixture.get(remote, BLOB).summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(asked(origin)).isEqualTo(3);
      assertThat(asked(server)).isEqualTo(1);
    }
  }

  @Test
  void burst_fetchesOneToken() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "t1")) {
      var remote = registry().at(origin.url());
      List<RecordingSink> sinks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sinks.add(fixture.start(remote, BLOB + "?" + i, RecordingSink.eager()));
      }
      for (RecordingSink sink : sinks) {
        assertThat(sink.await().summary()).isEqualTo("200 LENGTH_MET hello");
      }
      assertThat(asked(server)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 29, 1",
    "'', 31, 2",
    "',\"expires_in\":300', 269, 1",
    "',\"expires_in\":300', 271, 2",
    "',\"expires_in\":5', 0, 2"
  })
  void token_isKeptForItsLife_lessAMargin(String more, long laterSeconds, long tokens)
      throws Exception {
    try (ScriptedOrigin server = server(more);
        ScriptedOrigin origin = wanting(server, "t")) {
      var remote = registry().at(origin.url());
      fixture.get(remote, BLOB);
      now.addAndGet(Duration.ofSeconds(laterSeconds).toNanos());
      assertThat(fixture.get(remote, BLOB).summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(asked(server)).isEqualTo(tokens);
    }
  }

  @Test
  void tokenThatIsNoGoodAnyMore_isReplaced() throws Exception {
    try (ScriptedOrigin server = server(",\"expires_in\":3600");
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              for (String head = peer.readHead(); head != null; head = peer.readHead()) {
                boolean good =
                    head.contains("Bearer t2")
                        || (head.contains("Bearer t1") && head.contains("manifests"));
                peer.send(good ? HELLO : challenge(server.url() + "/token"));
              }
            })) {
      var remote = registry().at(origin.url());
      fixture.get(remote, TAG);
      assertThat(fixture.get(remote, BLOB).summary()).isEqualTo("200 LENGTH_MET hello");
      assertThat(asked(server)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"token\":\"\",\"access_token\":\"t\"}",
        "{\"token\":null,\"access_token\":\"t\"}",
        "{\"access_token\":\"t\",\"expires_in\":99999999999999999999999}",
        "{\"token\":\"t\",\"expires_in\":-5,\"access_token\":\"other\"}",
        "{\"a\":{\"b\":[1]},\"token\":\"t\",\"expires_in\":\"300\"}",
      })
  void oddAnswer_isAToken(String body) throws Exception {
    try (ScriptedOrigin server = ScriptedOrigin.of(ScriptedOrigin.answering(json(body)));
        ScriptedOrigin origin = wanting(server, "t")) {
      assertThat(fixture.get(registry().at(origin.url()), BLOB).summary())
          .isEqualTo("200 LENGTH_MET hello");
    }
  }

  @Test
  void registryThatTakesNoToken_isBelieved() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "never")) {
      assertThat(fixture.get(registry().at(origin.url()), BLOB).status()).isEqualTo(401);
      assertThat(asked(origin)).isEqualTo(2);
      assertThat(asked(server)).isEqualTo(1);
    }
  }

  @Test
  void credential_goesToTheTokenServer_andNoTokenToAnotherOrigin() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin cdn = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO));
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              for (String head = peer.readHead(); head != null; head = peer.readHead()) {
                peer.send(
                    head.contains("Bearer t")
                        ? "HTTP/1.1 307 There\r\nLocation: "
                            + cdn.url()
                            + "/x\r\nContent-Length: 0\r\n\r\n"
                        : challenge(server.url() + "/token"));
              }
            })) {
      OriginFixture.Remote remote = registry();
      remote.username = "user";
      remote.password = "s3cret-marker";
      remote.tokenServer = URI.create(server.url());
      remote.privateRedirects = false;
      assertThat(fixture.get(remote.at(origin.url()), TAG).failure())
          .as("the server is configured, the redirect's target is not")
          .isEqualTo(FetchFailure.REDIRECT_REFUSED);
      remote.privateRedirects = true;
      assertThat(fixture.get(remote.at(origin.url()), BLOB).summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(server.heads().getFirst()).contains("\r\nAuthorization: Basic ");
      assertThat(cdn.heads().getFirst()).doesNotContain("Authorization");
    }
  }

  /** Trap OC07. */
  @Test
  void credential_goesToNoServerThatOnlyTheRegistryNames() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "t")) {
      OriginFixture.Remote remote = registry();
      remote.username = "user";
      remote.password = "s3cret-marker";
      remote.tokenServer = URI.create("http://127.0.0.1:1");
      assertThat(fixture.get(remote.at(origin.url()), BLOB).summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(server.heads()).noneMatch(head -> head.contains("Authorization"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 403 No, TOKEN_REFUSED",
    "HTTP/1.1 401 No, TOKEN_REFUSED",
    "HTTP/1.1 503 No, TOKEN_UNAVAILABLE",
    "HTTP/1.1 429 No, TOKEN_UNAVAILABLE",
  })
  void serverThatGivesNone_isTheReason(String status, FetchFailure reason) throws Exception {
    assertFails(status + "\r\nContent-Length: 0\r\n\r\n", reason);
  }

  @Test
  void answerThatIsNoToken_isTheReason() throws Exception {
    assertFails(json("no json"), FetchFailure.TOKEN_REFUSED);
    assertFails(json("{\"token\":null}"), FetchFailure.TOKEN_REFUSED);
    assertFails(json("{}"), FetchFailure.TOKEN_REFUSED);
    assertFails(json("{\"token\":\"a b\"}"), FetchFailure.TOKEN_REFUSED);
    assertFails(json("{\"x\":{\"token\":\"ab\"}}"), FetchFailure.TOKEN_REFUSED);
    assertFails(json("{\"token\":\"" + "a".repeat(70_000) + "\"}"), FetchFailure.TOKEN_REFUSED);
    assertFails("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", FetchFailure.CLOSED_EARLY);
  }

  private void assertFails(String reply, FetchFailure reason) throws Exception {
    try (ScriptedOrigin server = ScriptedOrigin.of(ScriptedOrigin.answeringOnce(reply));
        ScriptedOrigin origin = wanting(server, "t")) {
      assertThat(fixture.get(registry().at(origin.url()), BLOB).failure()).isEqualTo(reason);
      // Nobody waits in vain for what failed before.
      assertThat(fixture.get(registry().at(origin.url()), BLOB).failure()).isEqualTo(reason);
    }
  }

  @Test
  void privateTokenServer_isNotAsked_unlessThatIsAllowed() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "t")) {
      OriginFixture.Remote remote = registry();
      remote.privateRedirects = false;
      assertThat(fixture.get(remote.at(origin.url()), BLOB).failure())
          .isEqualTo(FetchFailure.REDIRECT_REFUSED);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void realmThatIsNoUrl_isRefused() throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(ScriptedOrigin.answering(challenge("file:///etc/passwd")))) {
      assertThat(fixture.get(registry().at(origin.url()), BLOB).failure())
          .isEqualTo(FetchFailure.TOKEN_REFUSED);
    }
  }

  @Test
  void upstreamOfAnotherType_isAskedForNoToken() throws Exception {
    try (ScriptedOrigin server = server("");
        ScriptedOrigin origin = wanting(server, "t")) {
      OriginFixture.Remote generic = registry();
      generic.packageType = "generic";
      assertThat(fixture.get(generic.at(origin.url()), BLOB).status()).isEqualTo(401);
      assertThat(server.connections()).isZero();
    }
  }
}
