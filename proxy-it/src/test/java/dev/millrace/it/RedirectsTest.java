package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.PublicUpstream;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import dev.millrace.it.rig.Trap;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects that lead where the remote must not go (traps SR02 to SR06 and SR13). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RedirectsTest {
  private static final String BASE = "https://" + PublicUpstream.HOST + "/base";

  private final PublicUpstream upstream = PublicUpstream.start();

  @RegisterExtension
  final Rig rig =
      Rig.with("upstream_dial_timeout: 3")
          .env("HTTPS_PROXY", upstream.proxyUrl())
          .remote("pub", BASE, "ca_file: \"" + upstream.caFile() + "\"")
          .remote(
              "lax",
              BASE,
              "ca_file: \"" + upstream.caFile() + "\"",
              "allow_insecure_redirects: true")
          .remote("inside", "${origin}/base", "allow_private_redirects: true")
          .remote(
              "open",
              BASE,
              "ca_file: \"" + upstream.caFile() + "\"",
              "allow_insecure_redirects: true",
              "allow_private_redirects: true");

  private int elsewhereBefore;

  @BeforeEach
  void countElsewhere() {
    elsewhereBefore = rig.elsewhere().connections();
  }

  @AfterAll
  void closeUpstream() {
    upstream.close();
  }

  private Answer get(String remote, String path) {
    return rig.getTarget("/api/v1/remote/" + remote + path);
  }

  @Test
  void httpsUpstream_isReachedThroughTheForwardProxy_withItsNameChecked() {
    String path = rig.path("plain");
    Body body = Body.random(3_000_000, 101);
    upstream.origin().at(path, Content.of(body));

    Answer answer = get("pub", path);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.mismatch(body.bytes())).isEqualTo(-1);
    assertThat(upstream.tunnels()).isPositive();
  }

  static Stream<Trap> privateTargets() {
    return Stream.of(
        new Trap("SR02", "loopback", "http://127.0.0.1:{E}/x"),
        new Trap("SR02b", "loopback by https", "https://127.0.0.1:{E}/x"),
        new Trap("SR02c", "localhost", "http://localhost:{E}/x"),
        new Trap("SR02d", "localhost with a dot", "http://localhost.:{E}/x"),
        new Trap("SR02e", "IPv6 loopback", "http://[::1]:{E}/x"),
        new Trap("SR02f", "mapped IPv6", "http://[::ffff:127.0.0.1]:{E}/x"),
        new Trap("SR02g", "any address", "http://0.0.0.0:{E}/x"),
        new Trap("SR02h", "decimal", "http://2130706433:{E}/x"),
        new Trap("SR02i", "octal", "http://0177.0.0.1:{E}/x"),
        new Trap("SR02j", "short", "http://127.1:{E}/x"),
        new Trap("SR02k", "hex", "http://0x7f000001:{E}/x"),
        new Trap("SR02l", "private network", "http://10.0.0.1:{E}/x"),
        new Trap("SR02m", "unique local", "http://[fc00::1]:{E}/x"),
        new Trap("SR03", "link-local metadata", "http://169.254.169.254/latest/"),
        new Trap("SR04e", "network path", "//127.0.0.1:{E}/x"));
  }

  @ParameterizedTest
  @MethodSource("privateTargets")
  void publicUpstream_redirectingToAPrivateAddress_is502_withoutContact(Trap trap) {
    String path = rig.path(trap.id());
    String location = trap.text().replace("{E}", Integer.toString(rig.elsewhere().port()));
    rig.elsewhere().otherwise(Content.of("must not be seen"));
    upstream.origin().at(path, Script.redirect(location));

    Duration took =
        Await.time(() -> assertThat(get("lax", path).status()).as(location).isEqualTo(502));

    assertThat(took).isLessThan(Duration.ofSeconds(2));
    assertThat(rig.elsewhere().connections()).isEqualTo(elsewhereBefore);
    assertThat(upstream.askedForAnotherHost()).isFalse();
    assertNothingStored("lax", path);
  }

  private void assertNothingStored(String remote, String path) {
    upstream.origin().at(path, Content.of("clean"));
    Answer next = get(remote, path);
    assertThat(next.text()).isEqualTo("clean");
    assertThat(next.head().source()).isEqualTo("remote");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "jar:file:///etc/passwd!/x",
        "data:text/plain,x",
        "javascript:x",
        "",
        "http://",
        "http:///x",
        "http://[::1/x",
        "http://a b/x"
      })
  void otherSchemesAndBrokenTargets_are502(String location) {
    String path = rig.path("SR04");
    rig.origin().at(path, Script.redirect(location));

    Answer answer = rig.get(path);

    assertThat(answer.status()).as(answer.toString()).isEqualTo(502);
    assertThat(answer.text()).doesNotContain("root:");
  }

  @Test
  void sr05_loopOfRedirects_is502_afterAtMostFiveHops() {
    String one = rig.path("SR05-a");
    String two = rig.path("SR05-b");
    rig.origin()
        .at(one, Script.redirect("/base" + two))
        .at(two, Script.redirect(rig.origin().url() + "/base" + one));

    Answer answer = rig.get(one);

    assertThat(answer.status()).isEqualTo(502);
    assertThat(rig.origin().gets(one) + rig.origin().gets(two)).isLessThanOrEqualTo(6);
  }

  @Test
  void fiveRedirects_areFollowed_theSixthIsNot() {
    String path = rig.path("hop");
    for (int i = 0; i < 6; i++) {
      rig.origin().at(path + i, Script.redirect("/base" + path + (i + 1)));
    }
    rig.origin().at(path + 6, Content.of("there"));

    assertThat(rig.get(path + "1").text()).isEqualTo("there");
    assertThat(rig.get(path + "0").status()).isEqualTo(502);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void everyRedirectStatus_isFollowed_andTheKeyStaysTheFirst(int status) {
    String path = rig.path("from");
    String signed = rig.path("to");
    rig.origin()
        .at(path, Script.status(status, "Location: /base" + signed + "?signature=" + status))
        .at(signed, Content.of("target"));

    Answer first = rig.get(path);
    rig.awaitStored(path);
    Answer second = rig.get(path);

    assertThat(first.text()).isEqualTo("target");
    assertThat(first.head().has("Location")).isFalse();
    assertThat(second.head().source()).isEqualTo("cache");
    assertThat(rig.origin().gets(path)).isEqualTo(1);
    assertThat(rig.origin().gets(signed)).isEqualTo(1);
  }

  @Test
  void sr06_httpsToHttp_is502_unlessAllowed() {
    String path = rig.path("SR06");
    rig.elsewhere().at("/x", Content.of("allowed"));
    upstream.origin().at(path, Script.redirect(rig.elsewhere().url() + "/base/x"));

    assertThat(get("pub", path).status()).isEqualTo(502);
    assertThat(rig.elsewhere().connections()).isEqualTo(elsewhereBefore);
    assertThat(get("open", path).text()).isEqualTo("allowed");
  }

  /** SR02 where the upstream itself is on loopback: another private origin is another origin. */
  @Test
  void privateUpstream_mayRedirectToAnotherPrivateOrigin_onlyWhereThatIsAllowed() {
    String path = rig.path("private");
    rig.elsewhere().at("/y", Content.of("moved"));
    rig.origin().at(path, Script.redirect(rig.elsewhere().url() + "/base/y"));

    assertThat(rig.get(path).status()).isEqualTo(502);
    assertThat(rig.elsewhere().connections()).isEqualTo(elsewhereBefore);
    assertThat(get("inside", path).text()).isEqualTo("moved");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/http://127.0.0.1:{E}/x", "//127.0.0.1:{E}/x", "/@127.0.0.1:{E}/x"})
  void sr13_hostsInThePath_stayPath(String shape) {
    String path = shape.replace("{E}", Integer.toString(rig.elsewhere().port()));
    rig.origin().otherwise(Content.of("by path"));
    int before = rig.origin().requests();

    Answer answer = rig.get(path);

    assertThat(answer.status()).isIn(200, 400, 404);
    assertThat(rig.elsewhere().connections()).isEqualTo(elsewhereBefore);
    assertThat(rig.origin().received().subList(before, rig.origin().requests()))
        .extracting(Received::target)
        .allMatch(target -> target.startsWith("/base/"));
  }
}
