package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.Origin;
import dev.millrace.it.rig.PublicUpstream;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import dev.millrace.it.rig.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials go to their own origin and show up nowhere (traps CR01 to CR11). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CredentialsTest {
  private static final String SECRET = "s3cr3t-of-the-remote";
  private static final String BASIC = basic("robot", SECRET);
  private static final String CLIENT_SECRET = "s3cr3t-of-the-client";
  private static final String TOKEN = "t0k3n-in-a-query";
  private static final String COOKIE = "c00k13-of-the-upstream";
  private static final String URL_SECRET = "s3cr3t-in-the-url";
  private static final String PUBLIC = "https://" + PublicUpstream.HOST + "/base";

  private final Folder logFolder = Folder.create();
  private final PublicUpstream upstream = PublicUpstream.start();

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .jvm("-Xmx256m", "-Dlogback.configurationFile=" + debugLogging(logFolder))
          .remote(
              "cred",
              "${origin}/base",
              "username: robot",
              "password: " + SECRET,
              "allow_private_redirects: true")
          .remote("other", "${origin}/base", "username: other", "password: " + SECRET + "-2")
          .remote("url", "http://robot:" + URL_SECRET + "@127.0.0.1:${originPort}/base")
          .env("HTTPS_PROXY", upstream.proxyUrl())
          .remote("trusting", PUBLIC, "ca_file: \"" + upstream.caFile() + "\"")
          .remote("doubting", PUBLIC, "ca_file: \"" + upstream.otherCaFile() + "\"")
          .remote("known", PUBLIC, "ca_file: \"" + upstream.caFile() + "\"", "username: robot");

  private static String basic(String user, String password) {
    String both = user + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
  }

  private static String debugLogging(Folder folder) {
    String xml =
        """
        <configuration>
          <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%level %logger %msg%n</pattern></encoder>
          </appender>
          <root level="DEBUG"><appender-ref ref="OUT"/></root>
        </configuration>
        """;
    return folder.write("logback.xml", xml).toString();
  }

  @AfterAll
  void closeUpstream() {
    upstream.close();
    logFolder.delete();
  }

  private Answer get(String remote, String path, String... fieldLines) {
    return rig.getTarget("/api/v1/remote/" + remote + path, fieldLines);
  }

  @Test
  void cr01_clientCredentials_areReplacedByTheRemotesOwn() {
    String path = rig.path("CR01");
    rig.origin().at(path, Content.of("x"));

    get("cred", path, "Authorization: Basic " + CLIENT_SECRET, "Cookie: a=" + CLIENT_SECRET);

    Received seen = rig.origin().received(path).getFirst();
    assertThat(seen.all("Authorization")).containsExactly(BASIC);
    assertThat(rig.origin().sawAnywhere(CLIENT_SECRET)).isFalse();
  }

  @Test
  void cr02_redirectToAnotherHost_carriesNoCredential() {
    String path = rig.path("CR02");
    rig.elsewhere().at(path, Content.of("elsewhere"));
    rig.origin().at(path, Script.redirect(rig.elsewhere().url() + "/base" + path));

    Answer answer = get("cred", path);

    assertThat(answer.text()).isEqualTo("elsewhere");
    assertElsewhereSawNoSecret();
  }

  @Test
  void cr02_redirectOnTheSameOrigin_carriesIt() {
    String path = rig.path("same");
    rig.origin().at(path, Script.redirect("/base" + path + "-2")).at(path + "-2", Content.of("x"));

    get("cred", path);

    assertThat(rig.origin().received(path + "-2").getFirst().first("Authorization"))
        .isEqualTo(BASIC);
  }

  /** CR03: same host, another port. */
  @Test
  void cr03_redirectToAnotherPort_carriesNoCredential() {
    String path = rig.path("CR03");
    try (Origin secondPort = Origin.start().at(path, Content.of("port"))) {
      rig.origin().at(path, Script.redirect(secondPort.url() + "/base" + path));

      assertThat(get("cred", path).text()).isEqualTo("port");
      assertThat(secondPort.received(path)).noneMatch(r -> r.has("Authorization"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:{O}@127.0.0.1:{E}/x",
        "http://127.0.0.1%3A{O}@127.0.0.1:{E}/x",
        "http://127.0.0.1.elsewhere.invalid:{E}/x",
        "http://127.0.0.1:{O}\\@127.0.0.1:{E}/x",
        "http://127.0.0.1%2eelsewhere.invalid:{E}/x",
        "http://127.0.0.1:{O}#@127.0.0.1:{E}/x",
        "http://127.0.0.1:{E}/x?@127.0.0.1:{O}/"
      })
  void cr04_locationsMadeToConfuse_leakNoCredential(String shape) {
    String path = rig.path("CR04");
    rig.elsewhere().otherwise(Content.of("elsewhere"));
    String location =
        shape
            .replace("{O}", Integer.toString(rig.origin().port()))
            .replace("{E}", Integer.toString(rig.elsewhere().port()));
    rig.origin().at(path, Script.redirect(location));

    Answer answer = get("cred", path);

    assertThat(answer.status()).isIn(200, 404, 502);
    assertElsewhereSawNoSecret();
  }

  private void assertElsewhereSawNoSecret() {
    assertThat(rig.elsewhere().received()).noneMatch(r -> r.has("Authorization"));
    assertThat(rig.elsewhere().sawAnywhere("robot")).isFalse();
  }

  /** CR06 and CR11: errors, metrics and a log at debug level are searched for every secret. */
  @Test
  void cr06_cr11_noSecretIsInAnyAnswerMetricOrLogLine() {
    String path = rig.path("CR06");
    Origin origin = rig.origin();
    origin
        .at(path + "-502", Exchange::reset)
        .at(path + "-500", Script.status(500))
        .at(path + "-401", Script.status(401, "WWW-Authenticate: Basic realm=\"r\""))
        .at(path + "-cookie", Content.of("x").with("Set-Cookie: id=" + COOKIE))
        .at(path + "-signed", Script.redirect("/base" + path + "-target?token=" + TOKEN))
        .at(path + "-target", CredentialsTest::answerOnlyWithToken);
    StringBuilder shown = new StringBuilder();
    for (String end : List.of("-502", "-500", "-401", "-cookie", "-signed", "-none")) {
      shown.append(get("cred", path + end, "Authorization: Bearer " + CLIENT_SECRET));
      shown.append(
          get("cred", path + end + "?access_token=" + TOKEN, "Cookie: a=" + CLIENT_SECRET));
    }
    shown.append(pages());
    rig.await("the log has the last request", () -> rig.millrace().said(path + "-none"));

    assertThat(rig.millrace().output())
        .as("debug logging is on")
        .anyMatch(l -> l.contains("DEBUG"));
    shown.append(String.join("\n", rig.millrace().output()));
    for (String secret : List.of(SECRET, BASIC.substring(6), CLIENT_SECRET, TOKEN, COOKIE)) {
      assertThat(shown.indexOf(secret)).as(secret).isEqualTo(-1);
    }
  }

  private String pages() {
    return Stream.of("/metrics", "/health", "/ready", "/version")
        .map(page -> rig.getTarget(page))
        .map(page -> page.head() + page.text())
        .collect(Collectors.joining());
  }

  private static void answerOnlyWithToken(Exchange exchange) throws IOException {
    boolean signed = exchange.request().target().contains("token=" + TOKEN);
    (signed ? Content.of("signed") : Script.status(403)).answer(exchange);
  }

  @Test
  void cr07_credentialsInTheBaseUrl_areUsedForTheUpstream_andShownNowhere() {
    String path = rig.path("CR07");
    rig.origin()
        .at(path, Content.of("x"))
        .at(path + "-502", Exchange::reset)
        .at(path + "-401", Script.status(401, "WWW-Authenticate: Basic realm=\"r\""));
    StringBuilder shown = new StringBuilder();

    for (String end : List.of("", "-502", "-401", "-404")) {
      shown.append(get("url", path + end));
    }
    rig.await("the log has the last request", () -> rig.millrace().said(path + "-404"));

    String basic = basic("robot", URL_SECRET);
    assertThat(rig.origin().received(path).getFirst().all("Authorization")).containsExactly(basic);
    shown.append(pages()).append(String.join("\n", rig.millrace().output()));
    assertThat(shown.indexOf(URL_SECRET)).isEqualTo(-1);
    assertThat(shown.indexOf(basic.substring(6))).isEqualTo(-1);
  }

  @Test
  void cr07_check_ofAFileWithSuchABaseUrl_doesNotShowThem() {
    Folder folder = Folder.create();
    try {
      String entry = "  - name: a\n    package_type: generic\n    base_url: ";
      String good = "\"http://robot:" + SECRET + "@registry.example.com\"\n";
      String bad = "\"http://robot:" + SECRET + "@registry.example.com:port\"\n";
      Run right = check(folder, "remotes:\n" + entry + good);
      Run wrong = check(folder, "remotes:\n" + entry + bad);

      assertThat(right.exitCode()).as(right.output()).isZero();
      assertThat(wrong.exitCode()).as(wrong.output()).isEqualTo(2);
      assertThat(right.output() + wrong.output()).doesNotContain(SECRET);
    } finally {
      folder.delete();
    }
  }

  private static Run check(Folder folder, String yaml) {
    return Run.product(Launch.of("check-config", folder.write("c.yaml", yaml).toString()));
  }

  @Test
  void cr09_remotesOfTheSameHost_withOtherCredentials_shareNoConnection() {
    String path = rig.path("CR09");
    rig.origin().otherwise(Content.of("x"));
    int before = rig.origin().requests();

    Background.all(
        40, i -> () -> get(List.of("cred", "other", "gen").get(i % 3), path + "-" + i).status());

    List<Received> all = rig.origin().received();
    Map<Integer, Set<String>> byConnection =
        all.subList(before, all.size()).stream()
            .collect(
                Collectors.groupingBy(
                    Received::connection,
                    Collectors.mapping(
                        r -> String.valueOf(r.first("Authorization")), Collectors.toSet())));
    assertThat(byConnection.values()).allSatisfy(users -> assertThat(users).hasSize(1));
    assertThat(byConnection.values().stream().flatMap(Set::stream).distinct()).hasSize(3);
  }

  /** Who trusts another authority must not get what a connection of the first has to say. */
  @Test
  void cr09_remotesOfTheSameHost_withOtherTlsSettings_shareNoConnection() {
    String path = rig.path("CR09-tls");
    upstream.origin().otherwise(Content.of("secure"));

    for (int i = 0; i < 3; i++) {
      assertThat(get("trusting", path + "-trust" + i).text()).isEqualTo("secure");
      assertThat(get("doubting", path + "-doubt" + i).status()).isEqualTo(502);
      assertThat(get("known", path + "-known" + i).text()).isEqualTo("secure");
    }

    List<Received> all = upstream.origin().received();
    assertThat(all).noneMatch(r -> r.path().contains("-doubt"));
    assertThat(all)
        .filteredOn(r -> r.path().contains("-known"))
        .allMatch(r -> r.has("Authorization"));
    assertThat(all)
        .filteredOn(r -> r.path().contains("-trust"))
        .noneMatch(r -> r.has("Authorization"));
    assertThat(connections(all, "-known")).doesNotContainAnyElementsOf(connections(all, "-trust"));
  }

  private static Set<Integer> connections(List<Received> all, String mark) {
    return all.stream()
        .filter(r -> r.path().contains(mark))
        .map(Received::connection)
        .collect(Collectors.toSet());
  }
}
