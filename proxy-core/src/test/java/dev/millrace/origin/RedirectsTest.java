package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.RemoteSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a Location leads (RFC 3986 §5.4 and traps SR04, SR06, CR04). */
final class RedirectsTest {
  private static final RemoteSettings REMOTE =
      new OriginFixture.Remote().at("https://o.example/a/b/c/d");
  private static final Target FROM = new Target(new Origin(true, "o.example", 443), "/a/b/c/d?q=1");

  private static String follow(String location) {
    return switch (Redirects.step(FROM, List.of(location), REMOTE)) {
      case Redirects.Step.Follow(Target to) -> to.origin().url() + to.pathAndQuery();
      case Redirects.Step.Refuse(String why) -> "refused: " + why;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "https://e.example/x, https://e.example/x",
    "https://E.Example/x, https://e.example/x",
    "HTTPS://e.example/x, https://e.example/x",
    "https://e.example:443/x, https://e.example/x",
    "https://e.example:8443/x, https://e.example:8443/x",
    "https://e.example, https://e.example/",
    "https://e.example?q=2, https://e.example/?q=2",
    "https://e.example/x?t=%2f#frag, https://e.example/x?t=%2f",
    "https://o@e.example/x, https://e.example/x",
    "https://o:p@e.example/x, https://e.example/x",
    "https://o.example.e.example/x, https://o.example.e.example/x",
    "https://[2606:4700::1111]/x, https://[2606:4700::1111]/x",
    "//e.example/x, https://e.example/x",
    "/x, https://o.example/x",
    "/x/../y, https://o.example/y",
    "/../../y, https://o.example/y",
    "x, https://o.example/a/b/c/x",
    "./x, https://o.example/a/b/c/x",
    "../x, https://o.example/a/b/x",
    "../../../../x, https://o.example/x",
    "x/, https://o.example/a/b/c/x/",
    "., https://o.example/a/b/c/",
    ".., https://o.example/a/b/",
    "?y=2, https://o.example/a/b/c/d?y=2",
    "#f, https://o.example/a/b/c/d?q=1",
    "x?y=../z, https://o.example/a/b/c/x?y=../z",
    "/a%2e%2e/x, https://o.example/a%2e%2e/x",
  })
  void location_isResolved(String location, String target) {
    assertThat(follow(location)).isEqualTo(target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "file:///etc/passwd",
        "ftp://e.example/x",
        "gopher://e.example/x",
        "jar:https://e.example/x!/y",
        "data:text/plain,x",
        "javascript:alert(1)",
        "https:x",
        "https:///x",
        "//",
        "https://o.example\\@e.example/",
        "https://o.example%2ee.example/",
        "https://e.example%2f@o.example:99999/",
        "https://e.example:0/",
        "https://e.example:65536/",
        "https://e.example:x/",
        "https://e.example /x",
        "https://e.example/a b",
        "https://e.example/\u00e4",
        "https://\u00e4.example/",
        "https://e.example/\r\nX: y",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "http://e.example/x",
        "http://o.example/x"
      })
  void location_isRefused(String location) {
    assertThat(follow(location)).startsWith("refused: ").doesNotContain("example");
  }

  @Test
  void severalLocations_areRefused() {
    assertThat(Redirects.step(FROM, List.of("/x", "/x"), REMOTE))
        .isInstanceOf(Redirects.Step.Refuse.class);
  }

  @Test
  void insecureTarget_isFollowed_ifTheRemoteAllowsIt() {
    OriginFixture.Remote allowing = new OriginFixture.Remote();
    allowing.insecureRedirects = true;
    assertThat(
            Redirects.step(
                FROM, List.of("http://e.example/x"), allowing.at("https://o.example/a/b/c/d")))
        .isInstanceOf(Redirects.Step.Follow.class);
  }
}
