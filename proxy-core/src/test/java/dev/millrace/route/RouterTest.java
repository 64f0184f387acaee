package dev.millrace.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.observe.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where targets lead, and which spellings lead nowhere. */
final class RouterTest {
  private static final String GEN = "/api/v1/remote/gen/";

  private static Route route(String target) {
    return new Router().route(target);
  }

  /** Every spelling that some server takes for a step up, a step nowhere, or an end of the name. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "P01 | ../x",
        "P01 | a/../x",
        "P01 | a/..",
        "P01 | ..",
        "P01 | a/b/../../../x",
        "P01 | /../x",
        "P02 | %2e%2e/x",
        "P02 | %2E%2E/x",
        "P02 | a/%2e%2e",
        "P03 | .%2e/x",
        "P03 | %2e./x",
        "P03 | %2E./x",
        "P04 | ..%2fx",
        "P04 | ..%2Fx",
        "P04 | a%2f..%2fx",
        "P04 | a%2f..",
        "P04 | %2e%2e%2fx",
        "P05 | %252e%252e/x",
        "P05 | %252e%252e%252fx",
        "P05 | ..%252fx",
        "P05 | %25%32%65%25%32%65/x",
        "P05 | .%252e/x",
        "P06 | ..;/x",
        "P06 | ..;a=b/x",
        "P06 | a/..;",
        "P06 | ..%3b/x",
        "P06 | %2e%2e;/x",
        "P06 | ..%253b/x",
        "P06 | .;/x",
        "P07 | ..\\x",
        "P07 | a\\b",
        "P07 | a\\..\\x",
        "P08 | ..%5cx",
        "P08 | ..%5Cx",
        "P08 | a%5c..%5cx",
        "P08 | %2e%2e%5cx",
        "P08 | ..%255cx",
        "P09 | ./x",
        "P09 | a/./x",
        "P09 | a/.",
        "P09 | %2e/x",
        "P09 | %252e/x",
        "P09 | .%2fx",
        "P09 | ..%3fx",
        "P09 | ..%23/x",
        "P09 | %c0%ae%c0%ae/x",
        "P09 | %C0%AE%C0%AE/x",
        "P09 | ..%c0%afx",
        "P09 | %c0%2e/..%c1%9cx",
        "P09 | %e0%80%ae%e0%80%ae/x",
        "P09 | %f0%80%80%ae%f0%80%80%ae/x",
        "P09 | %f8%80%80%80%ae/x",
        "P09 | %25c0%25ae%25c0%25ae/x",
        "P10 | a%0d%0aX-Injected:1",
        "P10 | a%0D%0Ab",
        "P10 | a%0ab",
        "P10 | a%0db",
        "P10 | a%250d%250ab",
        "P10 | a%09b",
        "P10 | a%1fb",
        "P10 | a%7fb",
        "P10 | a?x=%0d%0aX-Injected:1",
        "P11 | a%00",
        "P11 | a%00b",
        "P11 | %00",
        "P11 | a%2500b",
        "P11 | a?x=%00",
        "P12 | a%zz",
        "P12 | a%",
        "P12 | a%2",
        "P12 | a%2/b",
        "P12 | a%-1",
        "P12 | a%+1",
        "P12 | a% 1",
        "P12 | a%u002e",
        "P12 | a%%32%65",
        "P12 | a?x=%zz",
        "P12 | a?x=%",
        "P12 | a%\u0662\u0665"
      })
  void path_thatSomeServerCouldReadOtherwise_isRefused(String id, String path) {
    assertThat(route(GEN + path)).as(id).isEqualTo(new Route.Refused(Refusal.BAD_PATH));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/..",
        "/../api/v1/remote/gen/x",
        "/api/../health",
        "/api/v1/remote/../x",
        "/api/v1/remote/%2e%2e/x",
        "/api/v1/remote/gen/../../../../health",
        "/./health",
        "/health/..",
        "/health%00",
        "/%zz"
      })
  void pathOutsideTheRemotes_isCheckedAsWell(String target) {
    assertThat(route(target)).isEqualTo(new Route.Refused(Refusal.BAD_PATH));
  }

  /** What looks odd and means one thing goes to the upstream as it was spelled. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "SR12 | 127.0.0.1:9/@v/list",
        "SR13 | http://127.0.0.1:9/x",
        "SR13 | /127.0.0.1:9/x",
        "SR13 | @127.0.0.1:9/x",
        "SR13 | //x",
        "CK03 | a%2fb",
        "CK03 | a%2Fb",
        "CK03 | a/b",
        "CK03 | %61/b",
        "CK03 | a%5cb",
        "IX12 | @scope%2fname",
        "CK02 | a",
        "CK02 | a?x=1",
        "CK02 | a?",
        "CK02 | a?x=../..",
        "CK02 | a?u=http://h/?y",
        "-    | a?x=%2e%2e",
        "-    | .hidden",
        "-    | ..hidden",
        "-    | ...",
        "-    | .../x",
        "-    | a..b",
        "-    | a./b",
        "-    | a../b",
        "-    | a/..b/c",
        "-    | .well-known/x",
        "-    | a;b=c/d",
        "-    | ;/x",
        "-    | a%20b",
        "-    | a+b",
        "-    | a%25b",
        "-    | 100%25.txt",
        "-    | %e2%82%ac",
        "-    | %C3%A9t%C3%A9.txt",
        "-    | %ef%bc%8e%ef%bc%8e",
        "-    | %ff",
        "-    | %c0",
        "-    | dir/",
        "-    | a//b",
        "-    | a|b",
        "-    | ~root"
      })
  void path_isKeptAsSpelled(String id, String path) {
    assertThat(route(GEN + path)).as(id).isEqualTo(new Route.Remote("gen", path));
  }

  /** CK03: what an upstream keeps apart has keys of its own. */
  @Test
  void spellings_thatDecodeAlike_areDistinct() {
    assertThat(
            List.of("a%2fb", "a%2Fb", "a/b", "%61/b", "a/b?", "a//b", "/a/b").stream()
                .map(path -> route(GEN + path))
                .distinct())
        .hasSize(7);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/remote/gen/, gen, ''",
    "/api/v1/remote/gen/?x, gen, ?x",
    "/api/v1/remote/gen//, gen, /",
    "/api/v1/remote/%67en/x, %67en, x",
    "/api/v1/remote/a/b/c, a, b/c",
    "/api/v1/remote/.hidden/x, .hidden, x",
    "/api/v1/remote/gen/api/v1/remote/gen/x, gen, api/v1/remote/gen/x"
  })
  void remote_isTheSegmentAfterThePrefix(String target, String remote, String path) {
    assertThat(route(target)).isEqualTo(new Route.Remote(remote, path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "*",
        "x",
        "/api/v1/remote",
        "/api/v1/remote/",
        "/api/v1/remote//x",
        "/api/v1/remote/gen",
        "/api/v1/remote/gen?x=/y",
        "/api/v1/remote?/gen/x",
        "//api/v1/remote/gen/x",
        "/API/v1/remote/gen/x",
        "/api/v1/remotes/gen/x",
        "/api/v1/local/gen/x",
        "/health/",
        "/healthz",
        "/Health",
        "/health;x",
        "/%68ealth"
      })
  void anythingElse_leadsNowhere(String target) {
    assertThat(route(target)).isEqualTo(new Route.Refused(Refusal.NO_ROUTE));
  }

  @ParameterizedTest
  @CsvSource({
    "/health, HEALTH",
    "/health?x=1, HEALTH",
    "/ready, READY",
    "/version, VERSION",
    "/metrics, METRICS"
  })
  void pages_haveOnePathEach(String target, Route.Page page) {
    assertThat(route(target)).isEqualTo(new Route.ProcessPage(page));
  }

  @Test
  void longPath_isReadInLinearTime() {
    String slashes = "/".repeat(1 << 20);

    assertThat(route(GEN + slashes)).isEqualTo(new Route.Remote("gen", slashes));
    assertThat(route(GEN + "%".repeat(1 << 20))).isEqualTo(new Route.Refused(Refusal.BAD_PATH));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/hub/library/a/manifests/latest, hub, v2/library/a/manifests/latest",
    "/v2/hub/a/tags/list?n=2&last=x, hub, v2/a/tags/list?n=2&last=x",
    "/v2/hub/a/b/c/manifests/1.0?, hub, v2/a/b/c/manifests/1.0",
  })
  void registry_isNamedByTheFirstSegment(String target, String remote, String path) {
    assertThat(route(target))
        .isEqualTo(new Route.Registry(new Route.RegistryName.Remote(remote), path));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/library/a/manifests/latest?ns=docker.io, docker.io, v2/library/a/manifests/latest",
    "/v2/a/tags/list?n=2&ns=r.example.com%3A5000&last=x, r.example.com:5000,"
        + " v2/a/tags/list?n=2&last=x",
  })
  void registry_isNamedByItsHost_inTheMirrorForm(String target, String host, String path) {
    assertThat(route(target))
        .isInstanceOfSatisfying(
            Route.Registry.class,
            registry -> {
              assertThat(registry.path()).isEqualTo(path);
              assertThat(registry.registry())
                  .extracting("host")
                  .as(registry.toString())
                  .isEqualTo(host);
            });
  }

  @Test
  void registry_thatIsNamedBothWays_hasBothReadings() {
    assertThat(route("/v2/hub/a/manifests/v1?ns=docker.io"))
        .isEqualTo(
            new Route.Registry(
                new Route.RegistryName.Host(
                    "docker.io",
                    new Route.Registry(new Route.RegistryName.Remote("hub"), "v2/a/manifests/v1")),
                "v2/hub/a/manifests/v1"));
    assertThat(route("/v2/a/manifests/v1?ns=docker.io"))
        .isEqualTo(
            new Route.Registry(
                new Route.RegistryName.Host("docker.io", null), "v2/a/manifests/v1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/", "/v2/?x=y"})
  void registry_isAskedWhetherItIsOne(String target) {
    assertThat(route(target)).isEqualTo(new Route.RegistryPing());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/hub",
        "/v2/hub/",
        "/v2/hub/_catalog",
        "/v2//a/manifests/latest",
        "/v2/manifests/latest",
        "/v2/a/manifests/latest?ns=x&ns=y",
        "/v2/hub/a/blobs/uploads/",
        "/v2x/a/manifests/latest",
      })
  void whatNoRegistryHas_leadsNowhere(String target) {
    assertThat(route(target)).isEqualTo(new Route.Refused(Refusal.NO_ROUTE));
  }
}
