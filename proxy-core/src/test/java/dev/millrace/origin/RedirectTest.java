package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.fill.FetchRequest;
import dev.millrace.observe.FetchFailure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects over real sockets (traps SR02-SR05, CR02, CR03). */
final class RedirectTest {
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private final OriginFixture fixture = OriginFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static String to(String location) {
    return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 4\r\n\r\nmove";
  }

  private static OriginFixture.Remote remote() {
    OriginFixture.Remote remote = new OriginFixture.Remote();
    remote.username = "user";
    remote.password = "s3cret-marker";
    return remote;
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirect_onTheSameOrigin_keepsConnectionAndCredential(int status) throws Exception {
    String redirect = to("/there").replace("302", String.valueOf(status));
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(redirect, HELLO))) {
      assertThat(fixture.get(remote().at(origin.url() + "/base"), "here?q=1").summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.heads().get(0)).startsWith("GET /base/here?q=1 HTTP/1.1\r\n");
      assertThat(origin.heads().get(1)).startsWith("GET /there HTTP/1.1\r\n");
      assertThat(origin.heads()).allSatisfy(h -> assertThat(h).contains("\r\nAuthorization: "));
    }
  }

  @Test
  void redirectOfAHead_staysAHead() throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(
            ScriptedOrigin.answering(
                to("/there").replace("move", ""), HELLO.replace("hello", "")))) {
      var outcome = fixture.fetch(FetchRequest.get(remote().at(origin.url()), "here").head());
      assertThat(outcome.summary()).isEqualTo("200 NONE");
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.heads().get(1)).startsWith("HEAD /there HTTP/1.1\r\n");
    }
  }

  @Test
  void redirect_toAnotherOrigin_carriesNoCredential() throws Exception {
    try (ScriptedOrigin cdn = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO));
        ScriptedOrigin origin =
            ScriptedOrigin.of(ScriptedOrigin.answering(to(cdn.url() + "/x?token=t0ken")))) {
      OriginFixture.Remote allowing = remote();
      allowing.privateRedirects = true;
      assertThat(fixture.get(allowing.at(origin.url()), "x").summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(cdn.heads().getFirst())
          .startsWith("GET /x?token=t0ken HTTP/1.1\r\nHost: 127.0.0.1:" + cdn.port() + "\r\n")
          .doesNotContain("Authorization")
          .doesNotContain("Cookie");
      assertThat(fixture.events().count("redirected")).isEqualTo(1);
    }
  }

  @Test
  void redirect_toAnotherPrivateOrigin_isRefused_withoutConnecting() throws Exception {
    try (ScriptedOrigin evil = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO));
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                ScriptedOrigin.answering(
                    to(evil.url() + "/x"),
                    to("//127.0.0.1:" + evil.port() + "/x"),
                    to("http://localhost:" + evil.port() + "/x"),
                    to("http://evil.test:" + evil.port() + "/x"),
                    to("http://mixed.test:" + evil.port() + "/x"),
                    to("http://o@127.0.0.1:" + evil.port() + "/x"),
                    to("http://[::ffff:127.0.0.1]:" + evil.port() + "/x")))) {
      fixture.host("evil.test", "127.0.0.1").host("mixed.test", "8.8.8.8", "127.0.0.1");
      var settings = remote().at(origin.url());
      for (int i = 0; i < 7; i++) {
        var outcome = fixture.get(settings, "x");
        assertThat(outcome.summary()).isEqualTo("REDIRECT_REFUSED");
        assertThat(outcome.detail()).doesNotContain("127").doesNotContain("marker");
      }
      assertThat(evil.connections()).isZero();
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  /** SR07: the address that is judged is the one that is connected to, for it is asked for once. */
  @Test
  void nameOfARedirect_isLookedUpOnce() throws Exception {
    try (ScriptedOrigin cdn = ScriptedOrigin.of(ScriptedOrigin.answering(HELLO));
        ScriptedOrigin origin =
            ScriptedOrigin.of(
                ScriptedOrigin.answering(to("http://once.test:" + cdn.port() + "/x")))) {
      fixture.host("once.test", "127.0.0.1");
      OriginFixture.Remote allowing = remote();
      allowing.privateRedirects = true;

      assertThat(fixture.get(allowing.at(origin.url()), "x").summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(fixture.lookUps("once.test")).isEqualTo(1);

      assertThat(fixture.get(remote().at(origin.url()), "x").summary())
          .isEqualTo("REDIRECT_REFUSED");
      assertThat(cdn.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/",
        "http://[fe80::1]/",
        "http://10.0.0.1/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "jar:http://127.0.0.1/!/x",
        "http://0x7f000001/",
        "http://2130706433/"
      })
  void redirect_toAPlaceNobodyMayGo_isRefused(String location) throws Exception {
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(to(location)))) {
      OriginFixture.Remote remote = remote();
      remote.dial = Duration.ofSeconds(1);
      assertThat(fixture.get(remote.at(origin.url()), "x").summary()).isEqualTo("REDIRECT_REFUSED");
      assertThat(fixture.events().count("opened")).isEqualTo(1);
    }
  }

  @Test
  void redirectsInACircle_endAfterFive() throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(
            ScriptedOrigin.answering(
                to("/b"), to("/a"), to("/b"), to("/a"), to("/b"), to("/a"), HELLO))) {
      assertThat(fixture.get(remote().at(origin.url()), "a").failure())
          .isEqualTo(FetchFailure.TOO_MANY_REDIRECTS);
      assertThat(origin.heads()).hasSize(6);
    }
  }

  @Test
  void fiveRedirects_areFollowed() throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(
            ScriptedOrigin.answering(to("/b"), to("c"), to("./d"), to("/e"), to("?f"), HELLO))) {
      assertThat(fixture.get(remote().at(origin.url()), "a").summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.heads().getLast()).startsWith("GET /e?f HTTP/1.1\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 100000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1ffff\r\n",
        "\r\n",
        "Content-Length: 40\r\n\r\nshort"
      })
  void redirectWithAnUnpleasantBody_isFollowed_onAnotherConnection(String rest) throws Exception {
    AtomicInteger closed = new AtomicInteger();
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(
            peer -> {
              peer.readHead();
              peer.send("HTTP/1.1 302 Found\r\nLocation: /there\r\n" + rest);
              if (rest.startsWith("T")) {
                peer.send("a".repeat(0x1ffff));
              }
              if (!rest.endsWith("short")) {
                peer.awaitClose();
              }
              closed.incrementAndGet();
            },
            ScriptedOrigin.answering(HELLO))) {
      assertThat(fixture.get(remote().at(origin.url()), "here").summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(2);
      Waiting.until(() -> closed.get() == 1);
    }
  }

  @Test
  void redirectWithALongishBody_isDrained() throws Exception {
    String body = "a".repeat(60_000);
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(
            ScriptedOrigin.answering(
                "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 60000\r\n\r\n" + body,
                HELLO))) {
      assertThat(fixture.get(remote().at(origin.url()), "here").summary())
          .isEqualTo("200 LENGTH_MET hello");
      assertThat(origin.connections()).isEqualTo(1);
    }
  }
}
