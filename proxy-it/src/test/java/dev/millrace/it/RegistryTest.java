package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.FaultProxy;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Registry;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import dev.millrace.it.rig.Seed;
import dev.millrace.it.rig.TokenServer;
import dev.millrace.it.rig.Weather;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code skopeo} pulls from a real registry through Millrace. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RegistryTest {
  private static final Duration COPY_LIMIT = Duration.ofMinutes(1);
  private static final int MIB = 1 << 20;
  private static final String ACCEPT =
      "Accept: application/vnd.oci.image.index.v1+json,"
          + " application/vnd.oci.image.manifest.v1+json";

  private final Registry registry = Registry.start("");
  private final TokenServer tokens = TokenServer.start();
  private final Registry guarded = Registry.start(tokens.auth()).pushingWith(tokens);
  private final FaultProxy path = FaultProxy.before(registry.port());
  private final Folder work = Folder.create();
  private final Random random = Seed.of("registry").random(0);

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .remoteOf("docker", "reg", path.url(), "idle_timeout: 2", "mutable_ttl: 0")
          .remoteOf("docker", "slow-to-change", path.url())
          .remoteOf("docker", "paged", "${origin}/base")
          .remoteOf(
              "docker",
              "guarded",
              guarded.url(),
              "username: user",
              "password: secret",
              "token_server: " + tokens.origin().url())
          .limits("resume_wait: 20s");

  @AfterEach
  void clearUp() {
    path.weather(Weather.CLEAR);
  }

  @AfterAll
  void close() {
    path.close();
    registry.close();
    guarded.close();
    tokens.close();
    work.delete();
  }

  private byte[] layer(int bytes) {
    byte[] layer = new byte[bytes];
    random.nextBytes(layer);
    return layer;
  }

  private Run skopeo(String... arguments) {
    List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
    command.addAll(Arrays.asList(arguments));
    return Run.program(
        command, null, Map.of("HOME", work.root().toString(), "no_proxy", "127.0.0.1"), COPY_LIMIT);
  }

  private Run copy(String image, Path to) {
    return skopeo("copy", "--src-tls-verify=false", source(image), "dir:" + to);
  }

  private String source(String image) {
    return "docker://127.0.0.1:" + rig.millrace().port() + "/" + image;
  }

  private Answer get(String target, String... fieldLines) {
    return rig.getTarget(target, fieldLines);
  }

  private double commits() {
    return rig.millrace().metrics().sum("millrace_commits_total");
  }

  private double fetches() {
    return rig.millrace().metrics().sum("millrace_fetches_total");
  }

  private static void assertHolds(Path image, List<byte[]> layers) throws IOException {
    try (Stream<Path> files = Files.list(image)) {
      List<byte[]> found = new ArrayList<>();
      for (Path file :
          files.filter(file -> file.getFileName().toString().length() == 64).toList()) {
        assertThat(Folder.sha256(file)).isEqualTo(file.getFileName().toString());
        found.add(Files.readAllBytes(file));
      }
      assertThat(found).containsAll(layers);
    }
  }

  @Test
  void copyByDigest_whileTheWayThereBreaksAgainAndAgain_isWhole() throws IOException {
    List<byte[]> layers = List.of(layer(24 * MIB), layer(9 * MIB), layer(2 * MIB), layer(40_000));
    String digest = registry.pushImage("team/cut", null, "amd64", layers).digest();
    path.weather(number ->
        Weather.CLEAR.until(
            256 * 1024 + random.nextInt(4 * MIB),
            random.nextBoolean() ? Weather.End.RESET : Weather.End.CLOSE));

    Run first = copy("reg/team/cut@" + digest, work.root().resolve("cut-1"));

    assertThat(first.exitCode()).as(first.output()).isZero();
    assertHolds(work.root().resolve("cut-1"), layers);
    assertThat(path.faults()).as("cuts").isGreaterThan(5);
    rig.awaitIdle();
    path.weather(Weather.CLEAR);
    double before = fetches();
    Run second = copy("reg/team/cut@" + digest, work.root().resolve("cut-2"));
    assertThat(second.exitCode()).as(second.output()).isZero();
    assertHolds(work.root().resolve("cut-2"), layers);
    assertThat(fetches()).as("nothing is fetched again").isEqualTo(before);
    rig.folder().checkBlobs();
  }

  @Test
  void manyPlatforms_areInspectedAndCopied_byTag() throws IOException {
    List<byte[]> amd = List.of(layer(300_000));
    List<byte[]> arm = List.of(layer(200_000));
    Registry.Pushed index =
        registry.pushIndex(
            "lib/multi",
            "1.0",
            List.of("amd64", "arm64"),
            List.of(
                registry.pushImage("lib/multi", null, "amd64", amd),
                registry.pushImage("lib/multi", null, "arm64", arm)));

    Run raw = skopeo("inspect", "--raw", "--tls-verify=false", source("reg/lib/multi:1.0"));
    Run inspected = skopeo("inspect", "--tls-verify=false", source("reg/lib/multi:1.0"));
    Path all = work.root().resolve("multi");
    Run copied =
        skopeo(
            "copy", "--all", "--src-tls-verify=false", source("reg/lib/multi:1.0"), "dir:" + all);

    assertThat(raw.output()).contains(index.type()).contains("arm64");
    assertThat(inspected.exitCode()).as(inspected.output()).isZero();
    assertThat(inspected.output()).contains(index.digest()).contains("\"1.0\"");
    assertThat(copied.exitCode()).as(copied.output()).isZero();
    assertHolds(all, List.of(amd.getFirst(), arm.getFirst()));
  }

  @Test
  void registryThatWantsATokenOfItsOwn_isReadByClientsWithout() throws IOException {
    List<byte[]> layers = List.of(layer(3 * MIB), layer(1000), layer(2000));
    String digest = guarded.pushImage("team/secret", "v1", "amd64", layers).digest();

    Run inspected = skopeo("inspect", "--tls-verify=false", source("guarded/team/secret:v1"));
    Run copied = copy("guarded/team/secret:v1", work.root().resolve("secret"));

    assertThat(inspected.output()).contains(digest);
    assertThat(copied.exitCode()).as(copied.output()).isZero();
    assertHolds(work.root().resolve("secret"), layers);
    assertThat(tokens.origin().requests()).as("tokens fetched").isEqualTo(1);
    assertThat(tokens.origin().received().getFirst().first("Authorization")).startsWith("Basic ");
  }

  @Test
  void pullByTag_isFoundByItsDigest_withoutAFetch() {
    Registry.Pushed pushed =
        registry.pushImage("team/alias", "v1", "amd64", List.of(layer(10_000)));
    Answer byTag = get("/v2/reg/team/alias/manifests/v1", ACCEPT);
    String named = "/v2/reg/team/alias/manifests/" + pushed.digest();
    assertThat(byTag.status()).isEqualTo(200);
    rig.await("named", () -> fetchesFor(named) == 0);

    Answer byDigest = get(named, ACCEPT);

    assertThat(byTag.head().text("Docker-Content-Digest")).isEqualTo(pushed.digest());
    assertThat(byTag.head().text("Content-Type")).isEqualTo(pushed.type());
    assertThat(byDigest.head().source()).isEqualTo("cache");
    assertThat(byDigest.body()).isEqualTo(byTag.body());
    assertThat(byDigest.head().text("Docker-Content-Digest")).isEqualTo(pushed.digest());
  }

  /** Fetches that a HEAD of it costs. */
  private double fetchesFor(String target) {
    double before = fetches();
    try (RawClient client = rig.client()) {
      client.request("HEAD", target, ACCEPT).read("HEAD");
    }
    return fetches() - before;
  }

  @Test
  void movedTag_isSeenAtTheNextQuestion_andRevalidatedWhileItStays() {
    registry.pushImage("team/moves", "latest", "amd64", List.of(layer(1000)));
    String target = "/v2/reg/team/moves/manifests/latest";
    double before = commits();
    Answer first = get(target, ACCEPT);
    // Until it is stored who asks joins it.
    rig.await("stored", () -> commits() > before);
    Registry.Pushed moved =
        registry.pushImage("team/moves", "latest", "amd64", List.of(layer(2000)));

    Answer second = get(target, ACCEPT);

    assertThat(second.head().text("Docker-Content-Digest"))
        .isEqualTo(moved.digest())
        .isNotEqualTo(first.head().text("Docker-Content-Digest"));
  }

  @Test
  void tag_isKeptApart_byWhatTheClientAccepts_howeverItSpellsThat() {
    registry.pushImage("team/choice", "v1", "amd64", List.of(layer(1000)));
    String target = "/v2/slow-to-change/team/choice/manifests/v1";
    get(target, ACCEPT);
    rig.await("stored", () -> get(target, ACCEPT).head().source().equals("cache"));
    double before = fetches();

    Answer sameInTwoLines =
        get(
            target,
            "Accept: application/vnd.oci.image.manifest.v1+json",
            "Accept: application/vnd.oci.image.index.v1+json");
    double same = fetches();
    Answer other = get(target, "Accept: application/vnd.docker.distribution.manifest.v2+json");

    assertThat(sameInTwoLines.head().source()).isEqualTo("cache");
    assertThat(same).isEqualTo(before);
    assertThat(other.head().source()).isEqualTo("remote");
  }

  /** A registry refuses an index to who does not name its type, by digest, too. */
  @Test
  void clientThatNamesNoTypes_takesNothingFromTheOthers() {
    Registry.Pushed index =
        registry.pushIndex(
            "lib/plain",
            "v1",
            List.of("amd64"),
            List.of(registry.pushImage("lib/plain", null, "amd64", List.of(layer(100)))));
    String target = "/v2/reg/lib/plain/manifests/" + index.digest();

    assertThat(get(target).status()).isEqualTo(200);
    assertThat(get(target, ACCEPT).head().text("Content-Type")).isEqualTo(index.type());
  }

  @Test
  void tags_comeInPages_thatLeadThroughHere() {
    String list = "/v2/team/pages/tags/list";
    rig.origin()
        .at(
            list + "?n=2",
            Content.of("{\"tags\":[\"a\",\"b\"]}")
                .with("Link: <" + list + "?last=b&n=2>; rel=\"next\""));
    rig.origin().at(list + "?last=b&n=2", Content.of("{\"tags\":[\"c\"]}"));
    Answer first = get("/v2/paged/team/pages/tags/list?n=2");
    String link = first.head().text("Link");
    assertThat(link).isEqualTo("</v2/paged/team/pages/tags/list?last=b&n=2>; rel=\"next\"");
    rig.await(
        "stored", () -> get("/v2/paged/team/pages/tags/list?n=2").head().source().equals("cache"));
    Answer again = get("/v2/paged/team/pages/tags/list?n=2");

    Answer second = get(link.substring(1, link.indexOf('>')));

    assertThat(again.head().text("Link")).isEqualTo(link);
    assertThat(first.text()).contains("\"a\",\"b\"");
    assertThat(second.text()).contains("\"c\"");
    assertThat(first.head().text("Docker-Content-Digest")).isEmpty();
  }

  @Test
  void mirrorForm_picksTheRemote_byItsHost() {
    Registry.Pushed pushed = registry.pushImage("team/mirror", "v1", "amd64", List.of(layer(5000)));
    String host = path.url().substring("http://".length());

    Answer found = get("/v2/team/mirror/manifests/v1?ns=" + host.replace(":", "%3A"), ACCEPT);
    Answer unknown = get("/v2/team/mirror/manifests/v1?ns=registry.example.com", ACCEPT);
    Answer byPath = get("/v2/reg/team/mirror/manifests/v1?ns=registry.example.com", ACCEPT);

    assertThat(found.status()).isEqualTo(200);
    assertThat(found.head().text("Docker-Content-Digest")).isEqualTo(pushed.digest());
    assertThat(byPath.body()).isEqualTo(found.body());
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.text()).contains("NAME_UNKNOWN");
  }

  @Test
  void errors_areThoseOfARegistry() {
    String digest = "sha256:" + "0".repeat(64);
    Answer ping = get("/v2/");
    assertThat(ping.status()).isEqualTo(200);
    assertThat(ping.text()).isEqualTo("{}");
    assertThat(ping.head().text("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");

    assertError(get("/v2/reg/no/such/manifests/v1", ACCEPT), 404, "MANIFEST_UNKNOWN");
    assertError(get("/v2/reg/no/such/blobs/" + digest), 404, "BLOB_UNKNOWN");
    assertError(get("/v2/reg/no/such/tags/list"), 404, "NAME_UNKNOWN");
    assertError(get("/v2/nowhere/a/manifests/v1"), 404, "NAME_UNKNOWN");
    assertError(get("/v2/gen/a/manifests/v1"), 404, "NAME_UNKNOWN");
    assertError(get("/v2/reg/a/blobs/uploads/"), 404, "NAME_UNKNOWN");
  }

  private static void assertError(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.head().text("Content-Type")).isEqualTo("application/json");
    assertThat(answer.text()).startsWith("{\"errors\":[{\"code\":\"" + code + "\"");
  }
}
