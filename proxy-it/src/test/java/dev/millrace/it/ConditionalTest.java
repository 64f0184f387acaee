package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Conditional requests against a stored object, as RFC 9110 section 13 has them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConditionalTest {
  private static final Body BODY = Body.random(50_000, 41);
  private static final String PATH = "/conditional.bin";
  private static final String MODIFIED = "Wed, 01 Jul 2026 10:00:00 GMT";
  private static final String BEFORE = "Wed, 01 Jul 2026 09:59:59 GMT";
  private static final String AFTER = "Wed, 01 Jul 2026 10:00:01 GMT";
  private static final String FUTURE = "Fri, 01 Jul 2089 10:00:00 GMT";

  @RegisterExtension final Rig rig = Rig.with();

  /** Field lines of a request and the status they lead to. */
  record Case(int status, List<String> lines) {
    static Case of(int status, String... lines) {
      return new Case(status, List.of(lines));
    }

    @Override
    public String toString() {
      return status + " " + lines;
    }
  }

  static Stream<Case> conditions() {
    return Stream.of(
        Case.of(304, "If-None-Match: \"one\""),
        Case.of(304, "If-None-Match: \"zero\", \"one\""),
        Case.of(304, "If-None-Match: \"zero\",\"one\",\"two\""),
        Case.of(304, "If-None-Match: W/\"one\""),
        Case.of(304, "If-None-Match: *"),
        Case.of(304, "If-None-Match: \"a,b\", \"one\""),
        Case.of(304, "If-None-Match: \"zero\"", "If-None-Match: \"one\""),
        Case.of(200, "If-None-Match: \"zero\""),
        Case.of(200, "If-None-Match: \"on\""),
        Case.of(200, "If-None-Match: \"One\""),
        Case.of(200, "If-None-Match: \"x\", W/\"y\""),
        Case.of(200, "If-None-Match: \"zero\"", "If-Modified-Since: " + AFTER),
        Case.of(304, "If-None-Match: \"one\"", "If-Modified-Since: " + BEFORE),
        Case.of(304, "If-Modified-Since: " + MODIFIED),
        Case.of(304, "If-Modified-Since: " + AFTER),
        Case.of(200, "If-Modified-Since: " + BEFORE),
        Case.of(200, "If-Modified-Since: yesterday"),
        Case.of(200, "If-Match: \"one\""),
        Case.of(200, "If-Match: \"zero\", \"one\""),
        Case.of(200, "If-Match: *"),
        Case.of(412, "If-Match: \"zero\""),
        Case.of(412, "If-Match: W/\"one\""),
        Case.of(200, "If-Unmodified-Since: " + MODIFIED),
        Case.of(200, "If-Unmodified-Since: " + AFTER),
        Case.of(412, "If-Unmodified-Since: " + BEFORE),
        Case.of(200, "If-Match: \"one\"", "If-Unmodified-Since: " + BEFORE),
        Case.of(206, "Range: bytes=0-9", "If-Range: \"one\""),
        Case.of(200, "Range: bytes=0-9", "If-Range: \"zero\""),
        Case.of(200, "Range: bytes=0-9", "If-Range: W/\"one\""),
        Case.of(200, "Range: bytes=0-9", "If-Range: " + BEFORE),
        Case.of(304, "Range: bytes=0-9", "If-None-Match: \"one\""),
        Case.of(412, "Range: bytes=0-9", "If-Match: \"zero\""),
        Case.of(206, "Range: bytes=0-9", "If-None-Match: \"zero\""));
  }

  @BeforeAll
  void store() {
    rig.origin().at(PATH, Content.of(BODY).etag("\"one\"").with("Last-Modified: " + MODIFIED));
    rig.get(PATH);
    rig.awaitStored(PATH);
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void condition_onAHit_leadsToItsStatus(Case condition) {
    Answer get = rig.get(PATH, condition.lines().toArray(String[]::new));

    assertThat(get.status()).isEqualTo(condition.status());
    assertThat(get.whole()).isTrue();
    switch (condition.status()) {
      case 200 -> assertThat(get.mismatch(BODY.bytes())).isEqualTo(-1);
      case 206 -> assertThat(get.mismatch(BODY.slice(0, 10))).isEqualTo(-1);
      case 304 -> {
        assertThat(get.body()).isEmpty();
        assertThat(get.head().first("ETag")).isEqualTo("\"one\"");
      }
      default -> {
        assertThat(get.head().first("Content-Type")).isEqualTo("application/problem+json");
        assertThat(get.head().source()).isEqualTo("cache");
        assertThat(get.text()).contains("\"reason\":\"precondition\"");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void condition_onHead_leadsToTheSameStatus_rangesApart(Case condition) {
    Answer head = rig.head(PATH, condition.lines().toArray(String[]::new));

    if (condition.status() == 206) {
      assertThat(head.status()).isIn(200, 206);
    } else {
      assertThat(head.status()).isEqualTo(condition.status());
    }
  }

  @Test
  void notModified_leavesTheConnectionUsable() {
    try (RawClient client = rig.client()) {
      Answer first = client.get(Rig.target(PATH), "If-None-Match: \"one\"");
      Answer second = client.get(Rig.target(PATH));

      assertThat(first.status()).isEqualTo(304);
      assertThat(second.mismatch(BODY.bytes())).isEqualTo(-1);
    }
  }

  @Test
  void modifiedSince_inTheFuture_isNoReasonForAnError() {
    Answer answer = rig.get(PATH, "If-Modified-Since: " + FUTURE);

    assertThat(answer.status()).isIn(200, 304);
    assertThat(rig.origin().gets(PATH)).isEqualTo(1);
  }

  @Test
  void condition_onAMiss_isDecidedByUs_andNeverSpoilsTheFill() {
    String path = rig.path("cold.bin");
    rig.origin().at(path, Content.of(BODY).etag("\"cold\""));

    Answer conditional = rig.get(path, "If-None-Match: \"cold\"");
    Answer plain = rig.get(path);

    assertThat(conditional.status()).isIn(200, 304);
    assertThat(plain.status()).isEqualTo(200);
    assertThat(plain.mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void condition_duringAFill_isAnsweredFromItsHead() {
    String path = rig.path("live.bin");
    Gate gate = new Gate(10_000);
    rig.origin().at(path, Content.of(BODY).etag("\"live\"").gated(gate));

    try (RawClient leader = rig.client()) {
      Head head = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Answer unchanged = rig.get(path, "If-None-Match: \"live\"");
      gate.release();

      assertThat(head.status()).isEqualTo(200);
      assertThat(unchanged.status()).isEqualTo(304);
    } finally {
      gate.release();
    }
  }

  @Test
  void objectWithoutValidators_getsATagOfItsDigest() {
    String path = rig.path("bare.bin");
    rig.origin().at(path, Content.of(BODY));
    rig.get(path);
    rig.awaitStored(path);
    String tag = "\"sha256:" + BODY.sha256() + "\"";

    assertThat(rig.get(path).head().first("ETag")).isEqualTo(tag);
    assertThat(rig.get(path, "If-None-Match: " + tag).status()).isEqualTo(304);
  }
}
