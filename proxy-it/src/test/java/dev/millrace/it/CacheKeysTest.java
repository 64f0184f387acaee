package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.BesideOthers;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Launch;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import dev.millrace.it.rig.Script;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept under which name, and what must not be kept (traps CK02 to CK18 and IX18). */
@BesideOthers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CacheKeysTest {
  private static final Body BODY = Body.random(1_000_000, 111);

  private static final List<String> EXTREME_TIMES =
      List.of(
          "Date: Fri, 31 Dec 9999 23:59:59 GMT",
          "Age: 99999999999999999999",
          "Age: -5",
          "Expires: Fri, 31 Dec 9999 23:59:59 GMT",
          "Expires: 0",
          "Cache-Control: max-age=99999999999999999999",
          "Cache-Control: max-age=-1",
          "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT",
          "Last-Modified: Fri, 31 Dec 9999 23:59:59 GMT",
          "Date: nonsense");

  @RegisterExtension
  final Rig rig =
      Rig.with(
              "negative_ttl: 1",
              "mutable_ttl: 1",
              "mutable_patterns: ['mutable']",
              "idle_timeout: 1")
          .remote("hour", "${origin}/base", "mutable_ttl: 1h", "mutable_patterns: ['mutable']");

  @Test
  void ck02_queryIsPartOfTheKey() {
    String path = rig.path("a");
    rig.origin()
        .at(path, Content.of("plain"))
        .at(path + "?x=1", Content.of("one"))
        .at(path + "?x=2", Content.of("two"));

    for (int round = 0; round < 2; round++) {
      assertThat(rig.get(path).text()).isEqualTo("plain");
      assertThat(rig.get(path + "?x=1").text()).isEqualTo("one");
      assertThat(rig.get(path + "?x=2").text()).isEqualTo("two");
      rig.awaitStored(path + "?x=2");
    }
    assertThat(rig.origin().gets(path)).isEqualTo(3);
  }

  @Test
  void ck03_spellingsThatTheUpstreamKeepsApart_areNotMerged() {
    String dir = rig.path("");
    List<String> spellings = List.of("a%2fb", "a/b", "%61/b", "a%2Fb", "A/b", "a//b");
    for (String spelling : spellings) {
      rig.origin().at(dir + spelling, Content.of("body of " + spelling));
    }

    for (int round = 0; round < 2; round++) {
      for (String spelling : spellings) {
        Answer answer = rig.get(dir + spelling);
        if (answer.status() == 200) {
          assertThat(answer.text()).isEqualTo("body of " + spelling);
        } else {
          assertThat(answer.status()).isIn(400, 404);
        }
      }
    }
    assertThat(rig.get(dir + "a/b").status()).isEqualTo(200);
    assertThat(rig.get(dir + "a%2fb").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "..", "A", "%2e", "'a b'", "''"})
  void ck04_remoteNamesThatCouldMixKeys_areRefused(String name) {
    Folder folder = Folder.create();
    try {
      String config =
          folder
              .write(
                  "c.yaml",
                  "remotes:\n  - name: "
                      + name
                      + "\n    package_type: generic\n    base_url: http://registry.example.com/\n")
              .toString();

      assertThat(Run.product(Launch.of("check-config", config)).exitCode()).isEqualTo(2);
    } finally {
      folder.delete();
    }
  }

  @Test
  void ck06_errorProvokedByAClientsField_isNeverStored() {
    String path = rig.path("CK06");
    rig.origin().at(path, CacheKeysTest::failOnOddFields);

    Answer odd = rig.get(path, "X-Oversized: " + "a".repeat(20_000), "X-Meta: \u0080\u00ff");
    Answer clean = rig.get(path);

    assertThat(odd.status()).isIn(200, 400, 431, 500);
    assertThat(clean.status()).isEqualTo(200);
    assertThat(clean.text()).isEqualTo("fine");
  }

  private static void failOnOddFields(Exchange exchange) throws IOException {
    boolean odd = exchange.request().has("X-Oversized") || exchange.request().has("X-Meta");
    (odd ? Script.status(400) : Content.of("fine")).answer(exchange);
  }

  @Test
  void ck07_negativeAnswer_livesItsConfiguredSeconds_andNoLonger() {
    String path = rig.path("CK07");

    assertThat(rig.get(path).status()).isEqualTo(404);
    assertThat(rig.get(path).status()).isEqualTo(404);
    assertThat(rig.origin().gets(path)).isEqualTo(1);
    rig.origin().at(path, Content.of("there now"));
    rig.await(
        "the negative entry ends", Duration.ofSeconds(4), () -> rig.get(path).status() == 200);

    assertThat(rig.get(path).text()).isEqualTo("there now");
  }

  @Test
  void ck08_partOfAColdObject_isNotStoredAsTheWhole() {
    String path = rig.path("CK08");
    rig.origin().at(path, Content.of(BODY).ranged().etag("\"r\""));

    Answer part = rig.get(path, "Range: bytes=100-199");
    Answer whole = rig.get(path);

    assertThat(part.status()).isEqualTo(206);
    assertThat(part.mismatch(BODY.slice(100, 100))).isEqualTo(-1);
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void ck09_upstreamThatIgnoresRange_stillGivesTheRightTenBytes() {
    String path = rig.path("CK09");
    rig.origin().at(path, Content.of(BODY));

    Answer part = rig.get(path, "Range: bytes=500-509");

    if (part.status() == 206) {
      assertThat(part.mismatch(BODY.slice(500, 10))).isEqualTo(-1);
    } else {
      assertThat(part.status()).isEqualTo(200);
      assertThat(part.mismatch(BODY.bytes())).isEqualTo(-1);
    }
  }

  @Test
  void ck10_ifRange_withAWeakOrOldValidator_givesTheWhole() {
    String path = rig.path("CK10");
    rig.origin().at(path, Content.of(BODY).etag("W/\"weak\""));
    rig.get(path);
    rig.awaitStored(path);

    for (String validator : List.of("W/\"weak\"", "\"weak\"", "\"old\"", "not a tag")) {
      Answer answer = rig.get(path, "Range: bytes=0-9", "If-Range: " + validator);
      assertThat(answer.status()).as(validator).isEqualTo(200);
      assertThat(answer.mismatch(BODY.bytes())).isEqualTo(-1);
    }
  }

  @Test
  void ck11_weakUpstreamTag_matchesWeakly_only() {
    String path = rig.path("CK11");
    rig.origin().at(path, Content.of("x").etag("W/\"w\""));
    rig.get(path);
    rig.awaitStored(path);

    assertThat(rig.get(path, "If-None-Match: \"a\", W/\"w\"").status()).isEqualTo(304);
    assertThat(rig.get(path, "If-None-Match: \"w\"").status()).isEqualTo(304);
    assertThat(rig.get(path, "If-None-Match: *").status()).isEqualTo(304);
    assertThat(rig.get(path, "If-None-Match: \"a\"").status()).isEqualTo(200);
    assertThat(rig.get(path, "If-Match: W/\"w\"").status()).isEqualTo(412);
    assertThat(rig.get(path, "If-Match: \"w\"").status()).isEqualTo(412);
  }

  @Test
  void ck12_spellingsOfAcceptEncoding_haveNoEffectOnTheKey() {
    String path = rig.path("CK12");
    rig.origin().at(path, Content.of("one"));
    rig.get(path, "Accept-Encoding: br;q=x, gzip;;, *;q=2");
    rig.awaitStored(path);
    Random random = new Random(12);
    String[] codings = {"gzip", "br", "identity", "*", "zstd", "x-gzip", "deflate"};

    for (int i = 0; i < 200; i++) {
      String spelling =
          codings[random.nextInt(codings.length)]
              + (random.nextBoolean() ? ";q=0." + random.nextInt(1000) : " ; Q=1")
              + ",\t".repeat(random.nextInt(3))
              + codings[random.nextInt(codings.length)];
      Answer answer = rig.get(path, "Accept-Encoding: " + spelling);
      assertThat(answer.head().source()).as(spelling).isEqualTo("cache");
    }
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void ck14_fieldsMeantForOneClient_areNotOnSharedAnswers() {
    String path = rig.path("CK14");
    List<String> lines =
        List.of(
            "Set-Cookie: a=b",
            "Alt-Svc: h3=\":443\"",
            "Clear-Site-Data: \"*\"",
            "Strict-Transport-Security: max-age=9",
            "Service-Worker-Allowed: /",
            "Public-Key-Pins: x");
    Content content = Content.of("x");
    for (String line : lines) {
      content = content.with(line);
    }
    rig.origin().at(path, content);

    Answer miss = rig.get(path);
    rig.awaitStored(path);
    Answer hit = rig.get(path);

    for (String line : lines) {
      String name = line.substring(0, line.indexOf(':'));
      assertThat(miss.head().has(name)).as(name).isFalse();
      assertThat(hit.head().has(name)).as(name).isFalse();
    }
  }

  @Test
  void ck16_immutableFileThatChanges_theFirstStays_andIsNeverMixed() {
    String path = rig.path("CK16");
    Body other = Body.random(BODY.lengthBytes(), 112);
    rig.origin().at(path, Content.of(BODY).etag("\"1\"").ranged());
    rig.get(path);
    rig.awaitStored(path);
    rig.origin().at(path, Content.of(other).etag("\"2\"").ranged());

    Answer whole = rig.get(path);
    Answer part = rig.get(path, "Range: bytes=1000-1999");

    assertThat(whole.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(whole.head().first("ETag")).isEqualTo("\"1\"");
    assertThat(part.mismatch(BODY.slice(1000, 1000))).isEqualTo(-1);
  }

  @Test
  void ck17_tagThatChangesBetweenTwoTries_isNeverSpliced() {
    String path = rig.path("CK17");
    Body other = Body.random(BODY.lengthBytes(), 113);
    Content first = Content.of(BODY).etag("\"1\"").ranged().broken(new Fault.CutAfter(500_000));
    rig.origin().at(path, Script.inTurn(first, Content.of(other).etag("\"2\"").ranged()));

    Answer broken = rig.get(path);
    rig.awaitIdle();
    Answer next = rig.get(path);

    assertThat(broken.status() != 200 || broken.end().visiblyBroken() || isOneOf(broken, other))
        .as(broken.toString())
        .isTrue();
    assertThat(next.mismatch(other.bytes())).isEqualTo(-1);
    assertThat(next.head().first("ETag")).isEqualTo("\"2\"");
  }

  private static boolean isOneOf(Answer answer, Body body) {
    return Arrays.equals(answer.body(), body.bytes());
  }

  /** All copies are made before the first is waited for: they expire side by side. */
  @Test
  void ck18_extremeTimes_overflowNothing_andMakeNothingEternal() {
    Map<String, String> paths = new LinkedHashMap<>();
    EXTREME_TIMES.forEach(line -> paths.put(line, storeWith(line)));

    paths.forEach((line, path) ->
        rig.await(
            "the copy expires: " + line,
            Duration.ofSeconds(5),
            () -> rig.get(path).text().equals("new")));
  }

  /** Stores a copy that came with that field, and sees that it is fresh; its path. */
  private String storeWith(String line) {
    String path = rig.path("mutable-CK18");
    rig.origin().at(path, Content.of("old").with(line));
    assertThat(rig.get(path).status()).as(line).isEqualTo(200);
    rig.awaitStored(path);
    Answer hit = rig.get(path);
    rig.origin()
        .at(
            path,
            Script.rawKeepingOpen(
                "HTTP/1.1 200 OK\r\n" + line + "\r\nContent-Length: 3\r\n\r\nnew"));

    assertThat(hit.text()).as(line).isEqualTo("old");
    assertThat(hit.head().text("Age")).as(line).matches("\\d{0,10}");
    return path;
  }

  @Test
  void ix18_directoryPaths_areNotStoredAsArtifacts() {
    String path = rig.path("dir/");
    rig.origin().at(path, Content.of("<html>listing</html>").with("Content-Type: text/html"));

    Answer head = rig.head(path);
    Answer first = rig.get(path);
    rig.awaitIdle();
    Answer second = rig.get(path);

    assertThat(head.status()).isEqualTo(200);
    assertThat(first.text()).contains("listing");
    assertThat(second.head().source()).isEqualTo("remote");
    assertThat(rig.origin().gets(path)).isEqualTo(2);
  }

  @Test
  void noStoreAndPrivate_areRelayed_andNotKept() {
    for (String directive : List.of("no-store", "private", "max-age=60, NO-STORE")) {
      String path = rig.path("uncached");
      rig.origin().at(path, Content.of("x").with("Cache-Control: " + directive));

      assertThat(rig.get(path).text()).isEqualTo("x");
      rig.awaitIdle();
      assertThat(rig.get(path).head().source()).as(directive).isEqualTo("remote");
      assertThat(rig.origin().gets(path)).isEqualTo(2);
    }
  }

  @Test
  void clockOfTheCache_countsAge_ofMutableContent() {
    String path = rig.path("mutable-age");
    String target = "/api/v1/remote/hour" + path;
    rig.origin().at(path, Content.of("aged"));
    long begunNanos = System.nanoTime();
    rig.getTarget(target);
    rig.await("stored", () -> rig.getTarget(target).head().source().equals("cache"));

    rig.await("the age counts", Duration.ofSeconds(5), () -> age(target) >= 1);
    long age = age(target);
    long passed = Duration.ofNanos(System.nanoTime() - begunNanos).toSeconds();
    assertThat(age).isBetween(1L, passed + 1);
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  private long age(String target) {
    return Long.parseLong(rig.getTarget(target).head().text("Age"));
  }
}
