package dev.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Indexes: links lead through here, and what they promise of files is held to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IndexesTest {
  private static final String JSON = "Content-Type: application/json";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .settings("trusted_proxies: 127.0.0.0/8")
          .limits("max_rewrite_bytes: 64KiB")
          .remoteOf("npm", "npm", "${origin}/base", "allow_private_redirects: true")
          .remoteOf("helm", "listing", "${origin}/base", "allow_private_redirects: true")
          .remoteOf("npm", "guarded-npm", "${origin}/base")
          .remoteOf("npm", "plain", "${origin}/base", "rewrite_links: false")
          .remoteOf("npm", "now", "${origin}/base", "mutable_ttl: 0")
          .remoteOf("npm", "report", "${origin}/base", "verify: report")
          .remoteOf("pypi", "guarded", "${origin}/base")
          .remoteOf(
              "npm",
              "cred",
              "${origin}/base",
              "username: robot",
              "password: secret",
              "allow_private_redirects: true");

  private Answer get(String remote, String path, String... fieldLines) {
    return rig.through(remote, path, fieldLines);
  }

  /** Asks again until the upstream is asked again, once what it sent is stored. */
  private Answer getAgain(String remote, String path, String status) {
    rig.await(
        "stored: " + path,
        () -> get(remote, path).head().text("Cache-Status").contains("fwd=stale"));
    Answer answer = get(remote, path);
    assertThat(answer.head().first("Cache-Status")).contains(status);
    return answer;
  }

  private Answer head(String remote, String path) {
    try (RawClient client = rig.client()) {
      return client.request("HEAD", "/api/v1/remote/" + remote + "/" + path).read("HEAD");
    }
  }

  private String here(String remote) {
    return rig.address(remote);
  }

  private static String packument(String tarball, byte[] bytes) {
    return """
    {"name":"demo","versions":{"1.0.0":{"dist":{"tarball":"%s","shasum":"%s"}}}}\
    """
        .formatted(tarball, Folder.hash("SHA-1", bytes));
  }

  /** So small that it is caught before the first byte leaves. */
  private static void assertCaught(Answer answer) {
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.text()).contains("digest-mismatch");
  }

  /** Serves a packument whose tarball is on the other host, and the tarball there. */
  private String npmDemo(String name, byte[] promised, byte[] served) {
    String tarball = rig.elsewhere().url() + "/base/" + name + "-1.0.0.tgz";
    rig.origin().at("/" + name, Content.of(packument(tarball, promised)).with(JSON).etag("\"1\""));
    rig.elsewhere().at("/" + name + "-1.0.0.tgz", Content.of(Body.of(served)));
    return rig.linked("/" + name + "-1.0.0.tgz");
  }

  @Test
  void npm_tarballElsewhere_isReachedThroughHere_once() {
    byte[] bytes = "tarball".getBytes(UTF_8);
    String file = npmDemo("demo", bytes, bytes);

    Answer index = get("npm", "demo");
    Answer tarball = get("npm", file);
    rig.awaitIdle();
    Answer again = get("npm", file);

    assertThat(index.text()).isEqualTo(packument(here("npm") + file, bytes));
    assertThat(index.head().first("X-Artifact-Source")).isEqualTo("remote");
    assertThat(index.head().first("Vary")).isEqualTo("Accept, Accept-Encoding");
    assertThat(tarball.text()).isEqualTo("tarball");
    assertThat(again.head().first("X-Artifact-Source")).isEqualTo("cache");
    assertThat(rig.elsewhere().gets("/demo-1.0.0.tgz")).isEqualTo(1);
  }

  @Test
  void tamperedTarball_isCutOff_andNotKept() {
    String file = npmDemo("tampered", "promised".getBytes(UTF_8), "tampered".getBytes(UTF_8));
    get("npm", "tampered");

    Answer first = get("npm", file);
    Answer second = get("npm", file);

    assertCaught(first);
    assertCaught(second);
    assertThat(rig.elsewhere().gets("/tampered-1.0.0.tgz")).isEqualTo(2);
    assertThat(rig.millrace().metrics().sum("millrace_digest_mismatches_total"))
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void promises_outliveARestart() {
    byte[] promised = "promised".getBytes(UTF_8);
    rig.origin()
        .at(
            "/outlives",
            Content.of(packument("outlives/-/outlives-1.0.0.tgz", promised)).with(JSON))
        .at("/outlives/-/outlives-1.0.0.tgz", Content.of("tampered"));
    get("now", "outlives");
    rig.restart();

    assertCaught(get("now", "outlives/-/outlives-1.0.0.tgz"));
  }

  @Test
  void reported_tamperedTarball_isServed() {
    rig.origin()
        .at("/said", Content.of(packument("said/-/said-1.0.0.tgz", "a".getBytes(UTF_8))).with(JSON))
        .at("/said/-/said-1.0.0.tgz", Content.of("other"));
    get("report", "said");

    assertThat(get("report", "said/-/said-1.0.0.tgz").text()).isEqualTo("other");
  }

  @Test
  void hostsThatNoIndexNames_areRefused() {
    Answer answer = get("npm", "_files/http/127.0.0.1~9/x.tgz");

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.text()).contains("file-host");
    assertThat(get("gen", "_files/http/127.0.0.1~9/x.tgz").status()).isEqualTo(403);
  }

  /** Listings are relayed: the gate is the same. */
  @ParameterizedTest
  @ValueSource(strings = {"gen", "npm", "guarded", "listing"})
  void listingsOfHostsThatNoIndexNames_areRefused(String remote) {
    rig.elsewhere().at("/dir/", Content.of("listing"));

    assertThat(get(remote, rig.linked("/dir/")).status()).isEqualTo(403);
    assertThat(rig.through(remote, rig.linked("/dir/") + "?x=/").status()).isEqualTo(403);
    assertThat(rig.elsewhere().gets("/dir/")).isZero();
  }

  @Test
  void linkedFile_isFetchedWithoutTheCredential_alsoWhereItsHostLeadsBack() {
    byte[] bytes = "tarball".getBytes(UTF_8);
    String file = npmDemo("cred", bytes, bytes);
    String back = npmDemo("back", bytes, bytes);
    rig.elsewhere()
        .at("/back-1.0.0.tgz", Script.redirect(rig.origin().url() + "/base/back-target"));
    rig.origin().at("/back-target", Content.of(Body.of(bytes)));
    get("cred", "cred");
    get("cred", "back");

    Answer answer = get("cred", file);

    assertThat(answer.text()).isEqualTo("tarball");
    assertThat(answer.head().first("Content-Security-Policy")).isEqualTo("sandbox");
    assertThat(answer.head().first("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(get("cred", back).text()).isEqualTo("tarball");
    assertThat(rig.elsewhere().received("/cred-1.0.0.tgz")).noneMatch(r -> r.has("Authorization"));
    assertThat(rig.origin().received("/back-target")).noneMatch(r -> r.has("Authorization"));
    assertThat(rig.origin().received("/cred")).allMatch(r -> r.has("Authorization"));
  }

  @Test
  void otherFilesOfALinkedHost_areRefused_whereFilesArePromised() {
    byte[] bytes = "x".getBytes(UTF_8);
    npmDemo("exact", bytes, bytes);
    rig.elsewhere().at("/private.json", Content.of("{}").with(JSON));
    get("guarded-npm", "exact");

    assertThat(get("guarded-npm", rig.linked("/private.json")).status()).isEqualTo(403);
    assertThat(rig.elsewhere().gets("/private.json")).isZero();
    assertThat(get("npm", "_files/http/127.0.0.1~9?x/doc.json").status()).isNotEqualTo(200);
  }

  @Test
  void linkedFile_isFoundAfterARestart() {
    byte[] bytes = "x".getBytes(UTF_8);
    String file = npmDemo("lock", bytes, bytes);
    get("npm", "lock");
    rig.restart();

    assertThat(get("npm", file).text()).isEqualTo("x");
  }

  /** Whatever a path looks like, what is promised there is a file. */
  @Test
  void tarballOfAnotherShape_isHeldToItsPromise_andKept() {
    byte[] bytes = "tarball".getBytes(UTF_8);
    rig.origin()
        .at(
            "/shape",
            Content.of(packument(rig.origin().url() + "/base/download/shape/1.0.0/abc", bytes))
                .with(JSON))
        .at("/download/shape/1.0.0/abc", Content.of(Body.of(bytes)));
    get("now", "shape");

    assertThat(get("now", "download/shape/1.0.0/abc").text()).isEqualTo("tarball");
    rig.await(
        "stored", () -> get("now", "download/shape/1.0.0/abc").head().source().equals("cache"));
    assertThat(rig.origin().gets("/download/shape/1.0.0/abc")).isEqualTo(1);
  }

  @Test
  void indexThatMustNotBeStored_isSaidToBePassedOn() {
    rig.origin()
        .at(
            "/unstored",
            Content.of(packument("x", new byte[0])).with(JSON).with("Cache-Control: no-store"));

    assertThat(get("npm", "unstored").head().first("Cache-Status"))
        .contains("detail=unrewritten-not-stored");
  }

  @Test
  void privateHostsThatAnIndexNames_areNotAsked() {
    String file = rig.linked("/guarded-1.0.whl");
    rig.origin()
        .at(
            "/simple/guarded/",
            Content.of("<a href=\"" + rig.elsewhere().url() + "/base/guarded-1.0.whl\">x</a>")
                .with(HTML));
    get("guarded", "simple/guarded/");

    assertThat(get("guarded", file).status()).isEqualTo(502);
    assertThat(rig.elsewhere().gets("/guarded-1.0.whl")).isZero();
  }

  @Test
  void eachNameOfThisProxy_hasItsOwnLinks_andTags() {
    byte[] bytes = "x".getBytes(UTF_8);
    npmDemo("names", bytes, bytes);

    Answer asked = get("npm", "names");
    rig.awaitIdle();
    Answer forwarded =
        get("npm", "names", "Forwarded: for=1.2.3.4;host=pkgs.example.com;proto=https");
    Answer older =
        get("npm", "names", "X-Forwarded-Host: old.example.com", "X-Forwarded-Proto: https");

    assertThat(forwarded.text()).contains("\"https://pkgs.example.com/api/v1/remote/npm/_files/");
    assertThat(older.text()).contains("\"https://old.example.com/api/v1/remote/npm/_files/");
    assertThat(forwarded.head().first("ETag"))
        .isNotEqualTo(asked.head().first("ETag"))
        .isNotEqualTo("\"1\"");
    assertThat(rig.origin().gets("/names")).isEqualTo(1);
    String tag = Objects.requireNonNull(asked.head().first("ETag"));
    assertThat(get("npm", "names", "If-None-Match: " + tag).status()).isEqualTo(304);
    assertThat(get("npm", "names", "If-None-Match: \"1\"").status()).isEqualTo(200);
  }

  @Test
  void gzip_isForThoseWhoAskForIt() throws IOException {
    String index =
        packument("gzip/-/gzip-1.0.0.tgz", new byte[0]).replace("demo", "demo".repeat(500));
    rig.origin().at("/gzip", Content.of(index).with(JSON));

    Answer plain = get("npm", "gzip");
    Answer coded = get("npm", "gzip", "Accept-Encoding: gzip, br");

    assertThat(coded.head().first("Content-Encoding")).isEqualTo("gzip");
    assertThat(coded.body().length).isLessThan(plain.body().length / 4);
    try (var in = new GZIPInputStream(new ByteArrayInputStream(coded.body()))) {
      assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo(plain.text());
    }
    assertThat(coded.head().first("ETag")).isNotEqualTo(plain.head().first("ETag"));
    assertThat(rig.origin().gets("/gzip")).isEqualTo(1);
  }

  @Test
  void head_isThatOfGet_onceTheIndexIsHere() {
    npmDemo("head", new byte[0], new byte[0]);

    Answer before = head("npm", "head");
    Answer got = get("npm", "head");
    rig.awaitIdle();
    Answer after = head("npm", "head");

    assertThat(before.status()).isEqualTo(200);
    assertThat(before.head().has("ETag")).isFalse();
    assertThat(before.head().has("Content-Length")).isFalse();
    assertThat(after.head().first("ETag")).isEqualTo(got.head().first("ETag"));
    assertThat(after.head().first("Content-Length")).isEqualTo(Integer.toString(got.body().length));
  }

  @Test
  void unrewritten_isSaid_andTheIndexServedAsItCame() {
    String large = "{\"pad\":\"" + "x".repeat(70 << 10) + "\"}";
    rig.origin()
        .at("/large", Content.of(large).with(JSON))
        .at("/broken", Content.of("{\"versions\":{").with(JSON))
        .at("/text", Content.of("text").with("Content-Type: text/plain"));

    assertUnrewritten(get("npm", "large"), large, "unrewritten-too-large");
    assertUnrewritten(get("npm", "broken"), "{\"versions\":{", "unrewritten-malformed");
    assertUnrewritten(get("npm", "text"), "text", "unrewritten-unknown-type");
  }

  @Test
  void indexThatUnpacksToTooMuch_isServedAsItCame() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(("{\"pad\":\"" + "x".repeat(10 << 20) + "\"}").getBytes(UTF_8));
    }
    rig.origin()
        .at(
            "/bomb",
            Content.of(Body.of(packed.toByteArray())).with(JSON).with("Content-Encoding: gzip"));

    Answer answer = get("npm", "bomb");

    assertThat(answer.body()).isEqualTo(packed.toByteArray());
    assertThat(answer.head().first("Cache-Status")).contains("detail=unrewritten-too-large");
  }

  @Test
  void packedIndex_isRead() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(packument("packed/-/packed-1.0.0.tgz", new byte[0]).getBytes(UTF_8));
    }
    rig.origin()
        .at(
            "/packed",
            Content.of(Body.of(packed.toByteArray())).with(JSON).with("Content-Encoding: gzip"));

    Answer answer = get("npm", "packed");

    assertThat(answer.text()).contains(here("npm") + "packed/-/packed-1.0.0.tgz");
    assertThat(answer.head().has("Content-Encoding")).isFalse();
  }

  private static void assertUnrewritten(Answer answer, String text, String reason) {
    assertThat(answer.whole()).isTrue();
    assertThat(answer.text()).isEqualTo(text);
    assertThat(answer.head().first("Cache-Status")).contains("detail=" + reason);
  }

  @Test
  void rewriteLinksOff_servesTheIndexAsItCame_andStillLearns() {
    byte[] promised = "promised".getBytes(UTF_8);
    String index = packument("plain/-/plain-1.0.0.tgz", promised);
    rig.origin()
        .at("/plain", Content.of(index).with(JSON).etag("\"p\""))
        .at("/plain/-/plain-1.0.0.tgz", Content.of("tampered"));

    Answer answer = get("plain", "plain");

    assertThat(answer.text()).isEqualTo(index);
    assertThat(answer.head().first("ETag")).isEqualTo("\"p\"");
    assertCaught(get("plain", "plain/-/plain-1.0.0.tgz"));
  }

  @Test
  void revalidated_index_isServedAgain_withItsLinks() {
    npmDemo("again", new byte[0], new byte[0]);

    Answer first = get("now", "again");
    Answer second = getAgain("now", "again", "fwd-status=304");

    assertThat(second.text()).isEqualTo(first.text()).contains(here("now"));
  }

  @Test
  void clientThatLeavesBeforeTheEnd_leavesNothingBehind() {
    Gate gate = new Gate(10);
    rig.origin().at("/leaves", Content.of(packument("x", new byte[0])).with(JSON).gated(gate));
    try (RawClient left = rig.client().request("GET", "/api/v1/remote/npm/leaves")) {
      gate.awaitReached();
      left.abort();
    }
    gate.release();
    rig.awaitIdle();

    assertThat(get("npm", "leaves").text()).contains(here("npm"));
  }

  @Test
  void outage_servesTheStaleIndex_withItsLinks() {
    rig.origin()
        .at(
            "/stale",
            Script.inTurn(Content.of(packument("x", new byte[0])).with(JSON), Script.status(503)));
    get("now", "stale");

    Answer stale = getAgain("now", "stale", "detail=upstream-down");

    assertThat(stale.text()).contains(here("now"));
  }
}
