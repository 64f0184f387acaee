package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What registries and their clients get wrong, or try (traps OC01 to OC06, OC09, OC10, OC13 to
 * OC19).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RegistryTrapsTest {
  private static final String DIGEST = "Docker-Content-Digest: ";
  private static final Body LAYER = Body.random(3 << 20, 201);

  private final AtomicInteger names = new AtomicInteger();

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .limits("resume_wait: 100ms")
          .remoteOf("docker", "reg", "${origin}/base", "mutable_ttl: 0", "negative_ttl: 0")
          .remoteOf("docker", "liar", "${origin}/base")
          .remoteOf(
              "docker",
              "strict",
              "${origin}/base",
              "ban_tags_enabled: true",
              "ban_tags: ['^nightly', '^latest$']")
          .remoteOf("docker", "brief", "${origin}/base", "immutable_ttl: 2");

  /** A repository that no other test uses. */
  private String repository() {
    return "team/n" + names.incrementAndGet();
  }

  private static String digest(Body body) {
    return "sha256:" + body.sha256();
  }

  private void place(String repository, String what, Script script) {
    rig.origin().at("/v2/" + repository + "/" + what, script);
  }

  private Answer get(String repository, String what, String... fieldLines) {
    return rig.getTarget("/v2/reg/" + repository + "/" + what, fieldLines);
  }

  private void assertNotStored(String repository, String what) {
    rig.awaitIdle();
    place(repository, what, Script.status(404));
    assertThat(get(repository, what).status()).isEqualTo(404);
  }

  @Test
  void oc01_manifestOfOtherBytes_is502_andNotStored() {
    String name = repository();
    String what = "manifests/" + digest(Body.text("{}"));
    place(name, what, Content.of("{ }"));

    assertThat(get(name, what).status()).isEqualTo(502);
    assertNotStored(name, what);
  }

  @Test
  void oc02_blobWithAnotherLastByte_isCut_andAskedForAgain() {
    String name = repository();
    byte[] wrong = LAYER.bytes();
    wrong[wrong.length - 1] ^= 1;
    String what = "blobs/" + digest(LAYER);
    place(name, what, Content.of(Body.of(wrong)));

    Answer cut = get(name, what);

    assertThat(cut.whole()).isFalse();
    rig.awaitIdle();
    place(name, what, Content.of(LAYER));
    assertThat(get(name, what).mismatch(LAYER.bytes())).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1000, 1000})
  void oc03_blobOfAnotherLengthThanDeclared_isNotWhole_norStored(long delta) {
    String name = repository();
    String what = "blobs/" + digest(LAYER);
    place(name, what, Content.of(LAYER).broken(new Fault.WrongLength(delta)));

    Answer got = get(name, what);

    assertThat(got.status() == 200 && got.whole()).isFalse();
    assertNotStored(name, what);
  }

  @Test
  void oc04_tagWithAnotherDigestThanItsBody_is502() {
    String name = repository();
    place(name, "manifests/v1", Content.of("{}").with(DIGEST + digest(Body.text("{ }"))));

    assertThat(get(name, "manifests/v1").status()).isEqualTo(502);
    assertNotStored(name, "manifests/v1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..", "a/../b", "a//b", "A/b", "a%2fb", "-a", "a/", "%2e%2e", "a/..%2f",
      })
  void oc05_nameThatIsNone_leadsNowhere(String name) {
    int before = rig.origin().requests();
    Answer got = rig.getTarget("/v2/reg/" + name + "/manifests/v1");

    assertThat(got.status()).isIn(400, 404);
    assertThat(got.text()).startsWith("{\"errors\":[");
    assertThat(rig.origin().requests()).isEqualTo(before);
  }

  @Test
  void oc05_nameThatLooksLikeARoute_isReadFromTheRight() {
    place("blobs/blobs", "manifests/manifests", Content.of("{}"));
    assertThat(get("blobs/blobs", "manifests/manifests").text()).isEqualTo("{}");
  }

  @Test
  void oc06_digestThatIsNone_leadsNowhere() {
    int before = rig.origin().requests();
    for (String digest :
        new String[] {
          "sha256:../../x",
          "SHA256:" + "a".repeat(64),
          "md5:" + "a".repeat(32),
          "sha256:" + "A".repeat(64),
          "sha256:" + "a".repeat(63),
          "sha256:" + "g".repeat(64)
        }) {
      assertThat(get("a", "blobs/" + digest).status()).as(digest).isIn(400, 404);
    }
    assertThat(rig.origin().requests()).isEqualTo(before);
  }

  @Test
  void oc09_oc19_oddManifest_isPassedOnAsItIs_andNothingItNamesIsFetched() {
    String odd =
        "{\"mediaType\":\"x/y\",\"layers\":[{\"urls\":[\"%s/l\"]}],\"layers\":[],\"manifests\":[{}]}"
            .formatted(rig.elsewhere().url());
    String name = repository();
    String what = "manifests/" + digest(Body.text(odd));
    place(name, what, Content.of(odd).with("Content-Type: application/vnd.z+json"));

    Answer got = get(name, what);

    assertThat(got.text()).isEqualTo(odd);
    assertThat(got.head().text("Content-Type")).isEqualTo("application/vnd.z+json");
    assertThat(rig.elsewhere().requests()).isZero();
  }

  @Test
  void oc10_blobKnownThroughOneRepository_isAskedForThroughTheOther() {
    String known = repository();
    String what = "blobs/" + digest(LAYER);
    place(known, what, Content.of(LAYER));
    get(known, what);
    rig.awaitIdle();

    assertThat(get(repository(), what).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void oc13_writing_isRefused_withoutAskingAnybody(String method) {
    int before = rig.origin().requests();
    try (RawClient client = rig.client()) {
      Answer got =
          client.request(method, "/v2/reg/a/blobs/uploads/", "Content-Length: 0").read(method);
      assertThat(got.status()).isEqualTo(405);
      assertThat(got.text()).contains("\"code\":\"UNSUPPORTED\"");
      assertThat(got.head().text("Allow")).isEqualTo("GET, HEAD");
    }
    assertThat(rig.origin().requests()).isEqualTo(before);
  }

  @Test
  void oc14_oddPages_areTheUpstreamsMatter() {
    String name = repository();
    place(name, "tags/list", Content.of("{\"tags\":[]}"));
    for (String query : new String[] {"n=2147483647", "n=-1", "last=../../"}) {
      assertThat(get(name, "tags/list?" + query).status()).as(query).isIn(200, 400);
    }
  }

  @Test
  void oc15_rangeOfABlob_isRight_beforeAndAfterItIsThere() {
    String name = repository();
    String what = "blobs/" + digest(LAYER);
    place(name, what, Content.of(LAYER).ranged());

    Answer cold = get(name, what, "Range: bytes=2000000-2000999");
    get(name, what);
    rig.awaitIdle();
    Answer warm = get(name, what, "Range: bytes=2000000-2000999");

    assertThat(cold.status()).isEqualTo(206);
    assertThat(cold.body()).isEqualTo(LAYER.slice(2_000_000, 1000)).isEqualTo(warm.body());
    assertThat(get(name, what, "Range: bytes=99000000-").status()).isEqualTo(416);
  }

  @Test
  void oc16_headOfAColdBlob_movesNoBody() {
    String name = repository();
    String what = "blobs/" + digest(LAYER);
    place(name, what, Content.of(LAYER));
    long before = rig.origin().bodyBytes();
    try (RawClient client = rig.client()) {
      Answer got = client.request("HEAD", "/v2/reg/" + name + "/" + what).read("HEAD");
      assertThat(got.status()).isEqualTo(200);
      assertThat(got.head().text("Docker-Content-Digest")).isEqualTo(digest(LAYER));
      assertThat(got.head().contentLength()).isEqualTo(LAYER.lengthBytes());
    }
    assertThat(rig.origin().bodyBytes()).isEqualTo(before);
  }

  @Test
  void oc17_oc18_registryThatIsOut_takesNothingAwayThatIsKnown() {
    String name = repository();
    String blob = "blobs/" + digest(LAYER);
    place(name, "manifests/v1", Content.of("{}"));
    place(name, blob, Content.of(LAYER));
    get(name, "manifests/v1");
    get(name, blob);
    rig.awaitIdle();
    rig.await("stored", () -> get(name, blob).head().source().equals("cache"));
    Script out = Script.raw("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    place(name, "manifests/v1", out);
    place(name, "manifests/v2", out);
    place(name, blob, out);

    Answer stale = get(name, "manifests/v1");
    Answer unknown = get(name, "manifests/v2");

    assertThat(stale.text()).isEqualTo("{}");
    assertThat(stale.head().text("Cache-Status")).contains("stale");
    assertThat(unknown.status()).isEqualTo(429);
    assertThat(unknown.head().text("Retry-After")).isEqualTo("7");
    assertThat(unknown.text()).contains("TOOMANYREQUESTS");
    assertThat(get(name, blob).status()).isEqualTo(200);
  }

  /** Such a request would be made with the remote's rights. */
  @Test
  void pathThatNoRegistryHas_isNotAskedFor_byAnyRoute() {
    int before = rig.origin().requests();
    for (String path : new String[] {"token?service=x&scope=repository:a:pull", "v2/token", ""}) {
      assertThat(rig.getTarget("/api/v1/remote/reg/" + path).status()).as(path).isEqualTo(404);
    }
    assertThat(rig.origin().requests()).isEqualTo(before);
  }

  @Test
  void bannedTag_isRefused_byAnyMethodAndRoute_butNoDigest() {
    String name = repository();
    Body manifest = Body.text("{\"banned\":1}");
    place(name, "manifests/nightly", Content.of(manifest));
    place(name, "manifests/v1", Content.of(manifest));
    place(name, "manifests/" + digest(manifest), Content.of(manifest));
    String banned = "/v2/strict/" + name + "/manifests/nightly";

    Answer refused = rig.getTarget(banned);

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text()).contains("\"code\":\"DENIED\"", "banned-tag");
    assertThat(rig.getTarget(banned, "Range: bytes=0-1").status()).isEqualTo(403);
    assertThat(rig.getTarget("/api/v1/remote/strict/v2/" + name + "/manifests/nightly").status())
        .isEqualTo(403);
    assertThat(rig.getTarget("/v2/strict/" + name + "/manifests/v1").status()).isEqualTo(200);
    assertThat(rig.getTarget("/v2/strict/" + name + "/manifests/" + digest(manifest)).status())
        .isEqualTo(200);
  }

  /** Its own remote: the others are not to suffer. */
  @Test
  void tenWrongBodies_letTheRegistryAlone() {
    for (int i = 0; i < 10; i++) {
      String what = "manifests/" + digest(Body.text("right " + i));
      place("team/liar", what, Content.of("wrong " + i));
      assertThat(rig.getTarget("/v2/liar/team/liar/" + what).status()).isEqualTo(502);
    }
    place("team/liar", "tags/list", Content.of("{}"));

    Answer got = rig.getTarget("/v2/liar/team/liar/tags/list");

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.text()).contains("circuit-open");
  }

  @Test
  void manifestByTag_isUnderItsDigest_forAsLongAsThoseAre() {
    String name = repository();
    Body manifest = Body.text("{\"a\":1}");
    place(name, "manifests/v1", Content.of(manifest).with(DIGEST + digest(manifest)));
    rig.getTarget("/v2/brief/" + name + "/manifests/v1");
    String byDigest = "/v2/brief/" + name + "/manifests/" + digest(manifest);
    rig.await("named", () -> headOf(byDigest).equals("cache"));
    place(name, "manifests/" + digest(manifest), Content.of(manifest));

    rig.await("aged", () -> headOf(byDigest).equals("remote"));
  }

  private String headOf(String target) {
    try (RawClient client = rig.client()) {
      return client.request("HEAD", target).read("HEAD").head().text("X-Artifact-Source");
    }
  }
}
