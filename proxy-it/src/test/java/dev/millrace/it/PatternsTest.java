package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Exchange;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the rules of a remote allow, and how long what they call mutable is fresh. Most of it is
 * waiting for a copy to expire, so the cases wait side by side, each with a path of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
final class PatternsTest {
  private static final Duration AFTER_TTL = Duration.ofMillis(1300);

  @RegisterExtension
  final Rig rig =
      Rig.with(
              "upstream_response_header_timeout: 1",
              "mutable_patterns: ['/mutable/']",
              "immutable_patterns: ['fixed']",
              "mutable_ttl: 1",
              "negative_ttl: 60")
          .remote("allow", "${elsewhere}/base", "patterns: ['\\.jar$']", "blocklist: ['secret']")
          .remote("redos", "${origin}/base", "patterns: ['^/?(a+)+$', '^/?(.*a){25}$']")
          .remote(
              "strict",
              "${origin}/base",
              "mutable_patterns: ['/mutable/']",
              "mutable_ttl: 1",
              "stale_on_error: false")
          .remote(
              "unchecked",
              "${origin}/base",
              "mutable_patterns: ['/mutable/']",
              "mutable_ttl: 1",
              "check_mutable: false");

  private Answer get(String remote, String path, String... fieldLines) {
    return rig.getTarget("/api/v1/remote/" + remote + path, fieldLines);
  }

  private String mutable() {
    return rig.path("mutable/x");
  }

  @Test
  void pathOutsideThePatterns_is403_forEveryKindOfRequest_andNobodyIsAsked() {
    rig.elsewhere().at("/lib/a.jar", Content.of("x"));

    assertThat(get("allow", "/lib/a.txt").status()).isEqualTo(403);
    assertThat(get("allow", "/lib/a.txt", "Range: bytes=0-0").status()).isEqualTo(403);
    assertThat(get("allow", "/lib/a.jar.txt").status()).isEqualTo(403);
    try (RawClient client = rig.client()) {
      client.request("HEAD", "/api/v1/remote/allow/lib/a.txt");
      assertThat(client.read("HEAD").status()).isEqualTo(403);
    }
    assertThat(get("allow", "/lib/a.jar").status()).isEqualTo(200);
    assertThat(rig.elsewhere().received())
        .extracting(Received::path)
        .containsOnly("/base/lib/a.jar");
  }

  @Test
  void blocklist_isTestedFirst() {
    assertThat(get("allow", "/secret/a.jar").status()).isEqualTo(403);
    assertThat(rig.elsewhere().received("/secret/a.jar")).isEmpty();
  }

  @Test
  void catastrophicPattern_isDecidedAtOnce() {
    String path = "/" + "a".repeat(4000) + "!";

    Duration took = Await.time(() -> assertThat(get("redos", path).status()).isEqualTo(403));

    assertThat(took).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void mutable_isFreshForItsTtl_thenConfirmedByItsTag() {
    String path = mutable();
    Body body = Body.random(200_000, 151);
    rig.origin().at(path, Content.of(body).etag("\"1\""));
    rig.get(path);
    rig.awaitStored(path);
    Answer fresh = rig.get(path);
    int gets = rig.origin().gets(path);
    Await.pass(AFTER_TTL);

    Answer confirmed = rig.get(path);

    assertThat(fresh.head().source()).isEqualTo("cache");
    assertThat(gets).isEqualTo(1);
    assertThat(confirmed.mismatch(body.bytes())).isEqualTo(-1);
    assertThat(rig.origin().received(path).getLast().first("If-None-Match")).isEqualTo("\"1\"");
    assertThat(confirmed.head().text("Cache-Status")).contains("fwd-status=304");
    assertThat(rig.get(path).head().source()).isEqualTo("cache");
  }

  @Test
  void mutable_withADateOnly_isConfirmedByItsDate() {
    String path = mutable();
    String date = "Wed, 01 Jul 2026 10:00:00 GMT";
    rig.origin().at(path, Content.of("dated").with("Last-Modified: " + date));
    rig.get(path);
    rig.awaitStored(path);
    Await.pass(AFTER_TTL);

    assertThat(rig.get(path).text()).isEqualTo("dated");
    assertThat(rig.origin().received(path).getLast().first("If-Modified-Since")).isEqualTo(date);
  }

  @Test
  void mutable_thatChanged_isReplaced() {
    String path = mutable();
    rig.origin().at(path, Content.of("old").etag("\"1\""));
    rig.get(path);
    rig.awaitStored(path);
    rig.origin().at(path, Content.of("new").etag("\"2\""));
    assertThat(rig.get(path).text()).isEqualTo("old");
    Await.pass(AFTER_TTL);

    rig.await("the new one", Duration.ofSeconds(3), () -> rig.get(path).text().equals("new"));
    assertThat(rig.get(path).head().first("ETag")).isEqualTo("\"2\"");
  }

  @Test
  void mutable_withoutValidators_isFetchedAgain() {
    String path = mutable();
    rig.origin().at(path, Content.of("one"));
    rig.get(path);
    rig.awaitStored(path);
    rig.origin().at(path, Content.of("two"));
    Await.pass(AFTER_TTL);

    assertThat(rig.get(path).text()).isEqualTo("two");
    assertThat(rig.origin().received(path))
        .noneMatch(r -> r.has("If-None-Match") || r.has("If-Modified-Since"));
  }

  @Test
  void mutable_whereChecksAreOff_isFetchedWithoutACondition() {
    String path = mutable();
    rig.origin().at(path, Content.of("one").etag("\"1\""));
    get("unchecked", path);
    rig.awaitIdle();
    Await.pass(AFTER_TTL);
    get("unchecked", path);

    assertThat(rig.origin().gets(path)).isEqualTo(2);
    assertThat(rig.origin().received(path)).noneMatch(r -> r.has("If-None-Match"));
  }

  @Test
  void immutable_isNeverAskedForAgain() {
    String path = rig.path("fixed/mutable-looking");
    rig.origin().at(path, Content.of("first").etag("\"1\""));
    rig.get(path);
    rig.awaitStored(path);
    Await.pass(AFTER_TTL);

    assertThat(rig.get(path).head().source()).isEqualTo("cache");
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void mutablePattern_winsOverAnImmutableOne() {
    String path = rig.path("mutable/fixed");
    rig.origin().at(path, Content.of("both").etag("\"1\""));
    rig.get(path);
    rig.awaitStored(path);
    Await.pass(AFTER_TTL);
    rig.get(path);

    assertThat(rig.origin().gets(path)).isEqualTo(2);
  }

  /** An outage by name. */
  record Outage(String name, Script script) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Outage> outages() {
    return Stream.of(
        new Outage("reset", Exchange::reset),
        new Outage("500", Script.status(500)),
        new Outage("503", Script.status(503)),
        new Outage("429", Script.status(429, "Retry-After: 5")),
        new Outage("silence", Script.silence()));
  }

  @ParameterizedTest
  @MethodSource("outages")
  void outage_servesTheStaleCopy_marksIt_andExtendsItsTtl(Outage outage) {
    String path = mutable();
    rig.origin().at(path, Content.of("stale but good").etag("\"1\""));
    rig.get(path);
    rig.awaitStored(path);
    Await.pass(AFTER_TTL);
    rig.origin().at(path, outage.script());

    Answer stale = rig.get(path);
    int asked = rig.origin().received(path).size();
    Answer again = rig.get(path);

    assertThat(stale.status()).isEqualTo(200);
    assertThat(stale.text()).isEqualTo("stale but good");
    assertThat(stale.head().text("Cache-Status")).contains("fwd=stale");
    assertThat(again.text()).isEqualTo("stale but good");
    assertThat(rig.origin().received(path)).hasSize(asked);
  }

  @Test
  void clientErrorOfTheUpstream_isNoOutage() {
    String path = mutable();
    rig.origin().at(path, Content.of("was here").etag("\"1\""));
    rig.get(path);
    rig.awaitStored(path);
    Await.pass(AFTER_TTL);
    rig.origin().at(path, Script.status(404));

    assertThat(rig.get(path).status()).isEqualTo(404);
  }

  @Test
  void outage_whereStaleIsNotWanted_isAnError() {
    String path = mutable();
    rig.origin().at(path, Content.of("fresh").etag("\"1\""));
    get("strict", path);
    rig.awaitIdle();
    Await.pass(AFTER_TTL);
    rig.origin().at(path, Script.status(500));

    assertThat(get("strict", path).status()).isEqualTo(500);
  }

  @Test
  void manyAskersOfAnExpiredCopy_causeOneConditionalRequest() {
    String path = mutable();
    AtomicInteger conditional = new AtomicInteger();
    Gate gate = new Gate(0);
    Content content = Content.of("shared").etag("\"1\"");
    rig.origin()
        .at(
            path,
            exchange -> {
              if (exchange.request().has("If-None-Match")) {
                conditional.incrementAndGet();
                gate.hold();
              }
              content.answer(exchange);
            });
    rig.get(path);
    rig.awaitStored(path);
    Await.pass(AFTER_TTL);

    List<Background<Answer>> askers =
        Stream.generate(() -> Background.start(() -> rig.get(path))).limit(20).toList();
    gate.awaitReached();
    gate.release();

    assertThat(askers).allSatisfy(a -> assertThat(a.join().text()).isEqualTo("shared"));
    assertThat(conditional.get()).isEqualTo(1);
  }

  @Test
  void notFoundAndGone_areRememberedForNegativeTtl() {
    for (int status : new int[] {404, 410}) {
      String path = rig.path("negative");
      rig.origin().at(path, Script.status(status));

      assertThat(rig.get(path).status()).isEqualTo(status);
      rig.origin().at(path, Content.of("now"));
      assertThat(rig.get(path).status()).isEqualTo(status);
      assertThat(rig.origin().received(path)).extracting(Received::method).containsExactly("GET");
    }
  }
}
