package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Single ranges on a hit, on a miss and inside a running fill. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RangeTest {
  private static final int LENGTH = 3_000_000;
  private static final Body BODY = Body.random(LENGTH, 31);

  @RegisterExtension final Rig rig = Rig.with();

  /** One range and what it means; {@code from} -1 where no byte of the body is meant. */
  record Case(String range, int from, int to) {
    @Override
    public String toString() {
      return range;
    }
  }

  static Stream<Case> ranges() {
    return Stream.of(
        new Case("bytes=0-0", 0, 1),
        new Case("bytes=0-99", 0, 100),
        new Case("bytes=4095-4096", 4095, 4097),
        new Case("bytes=1000000-1999999", 1_000_000, 2_000_000),
        new Case("bytes=2999999-", 2_999_999, LENGTH),
        new Case("bytes=1500000-", 1_500_000, LENGTH),
        new Case("bytes=-1", LENGTH - 1, LENGTH),
        new Case("bytes=-500000", 2_500_000, LENGTH),
        new Case("bytes=-99999999", 0, LENGTH),
        new Case("bytes=0-", 0, LENGTH),
        new Case("bytes=2999990-9999999", 2_999_990, LENGTH),
        new Case("BYTES=5-9", 5, 10));
  }

  static Stream<Case> unsatisfiable() {
    return Stream.of(
        new Case("bytes=3000000-", -1, -1),
        new Case("bytes=3000000-3000001", -1, -1),
        new Case("bytes=99999999-", -1, -1),
        new Case("bytes=-0", -1, -1));
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void range_onAHit_is206WithItsBytes(Case range) {
    assertPart(rig.get(stored(), "Range: " + range.range()), range);
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void range_onAMiss_isRightWhicheverWayItIsAnswered(Case range) {
    String path = rig.path("cold.bin");
    rig.origin().at(path, Content.of(BODY).ranged().etag("\"r\""));

    Answer answer = rig.get(path, "Range: " + range.range());

    assertPart(answer, range);
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("unsatisfiable")
  void rangePastTheEnd_onAHit_is416(Case range) {
    Answer answer = rig.get(stored(), "Range: " + range.range());

    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.head().first("Content-Range")).isEqualTo("bytes */" + LENGTH);
  }

  /**
   * The length is known from the upstream's head alone; the fetch is not in vain. What would be far
   * ahead is asked for by itself first, and the upstream says that it has no such part.
   */
  @ParameterizedTest
  @MethodSource("unsatisfiable")
  void rangePastTheEnd_onAMiss_is416_andTheNextGetsTheWhole(Case range) {
    String path = rig.path("cold-past.bin");
    rig.origin().at(path, Content.of(BODY).ranged().etag("\"r\""));

    Answer answer = rig.get(path, "Range: " + range.range());

    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.head().first("Content-Range")).isEqualTo("bytes */" + LENGTH);
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(rig.origin().gets(path)).isBetween(1, 2);
  }

  private String stored() {
    String path = "/stored.bin";
    if (rig.origin().gets(path) == 0) {
      rig.origin().at(path, Content.of(BODY).etag("\"s\""));
      rig.get(path);
      rig.awaitStored(path);
    }
    return path;
  }

  private static void assertPart(Answer answer, Case range) {
    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.head().first("Content-Range"))
        .isEqualTo("bytes %d-%d/%d".formatted(range.from(), range.to() - 1, LENGTH));
    assertThat(answer.head().contentLength()).isEqualTo(range.to() - range.from());
    assertThat(answer.whole()).isTrue();
    assertThat(answer.mismatch(BODY.slice(range.from(), range.to() - range.from()))).isEqualTo(-1);
  }

  @Test
  void rangeBehindTheFrontier_ofALiveFill_isServedAtOnce() {
    String path = rig.path("behind.bin");
    Gate gate = new Gate(2_000_000);
    rig.origin().at(path, Content.of(BODY).gated(gate));

    try (RawClient leader = rig.client()) {
      Head head = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Answer part = rig.get(path, "Range: bytes=500000-999999");

      assertPart(part, new Case("", 500_000, 1_000_000));
      assertThat(gate.isReached()).isTrue();
      gate.release();
      assertThat(Download.finish(leader, head, BODY).wholeAndRight(LENGTH)).isTrue();
    }
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void rangeAcrossTheFrontier_ofALiveFill_getsItsHeadAtOnce_andItsBytesAsTheyCome() {
    String path = rig.path("across.bin");
    Gate gate = new Gate(1_000_000);
    rig.origin().at(path, Content.of(BODY).gated(gate));

    try (RawClient leader = rig.client();
        RawClient across = rig.client()) {
      Head leaderHead = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      Head head = across.request("GET", Rig.target(path), "Range: bytes=900000-1999999").head();
      Body.Check check = BODY.checkFrom(900_000);
      assertThat(head.status()).isEqualTo(206);
      assertThat(head.first("Content-Range")).isEqualTo("bytes 900000-1999999/" + LENGTH);

      gate.release();
      across.drain(head, "GET", check);
      assertThat(check.rightBytes()).isEqualTo(1_100_000);
      assertThat(Download.finish(leader, leaderHead, BODY).wholeAndRight(LENGTH)).isTrue();
    }
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void rangeAheadOfTheFrontier_suffixAndPastTheEnd_ofALiveFill() {
    String path = rig.path("ahead.bin");
    Gate gate = new Gate(100_000);
    rig.origin().at(path, Content.of(BODY).gated(gate));

    try (RawClient leader = rig.client();
        RawClient suffix = rig.client()) {
      Head leaderHead = leader.request("GET", Rig.target(path)).head();
      gate.awaitReached();
      suffix.request("GET", Rig.target(path), "Range: bytes=-1000");
      Answer past = rig.get(path, "Range: bytes=" + LENGTH + "-");
      gate.release();

      assertThat(past.status()).isEqualTo(416);
      assertPart(suffix.read("GET"), new Case("", LENGTH - 1000, LENGTH));
      assertThat(Download.finish(leader, leaderHead, BODY).wholeAndRight(LENGTH)).isTrue();
    }
  }

  @Test
  void ranges_whichPartTheWholeBody_atTheSameTime_addUp() {
    String path = rig.path("parts.bin");
    rig.origin().at(path, Content.of(BODY));
    rig.get(path);
    rig.awaitStored(path);
    int step = LENGTH / 8;

    List<Answer> parts =
        Background.all(
            8, i -> () -> rig.get(path, "Range: bytes=" + i * step + "-" + ((i + 1) * step - 1)));

    for (int i = 0; i < 8; i++) {
      assertPart(parts.get(i), new Case("", i * step, (i + 1) * step));
    }
  }

  @Test
  void multipleRanges_areAnsweredWithTheWhole() {
    Answer answer = rig.get(stored(), "Range: bytes=0-9,100-109");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void range_onHead_orWithAFieldThatIsNoRange_isIgnored() {
    Answer head = rig.head(stored(), "Range: bytes=0-9");
    Answer garbage = rig.get(stored(), "Range: bytes=abc");
    Answer unit = rig.get(stored(), "Range: lines=0-9");

    assertThat(head.status()).isIn(200, 206);
    assertThat(garbage.status()).isEqualTo(200);
    assertThat(garbage.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(unit.status()).isEqualTo(200);
  }
}
