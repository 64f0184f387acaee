package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Trap;
import dev.millrace.it.rig.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests over the limits of size and number (traps L01 to L09), and connections over theirs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LimitsTest {
  private static final String HEAD = "GET {T} HTTP/1.1\r\nHost: {H}\r\n";
  private static final String PATH = "/ranges.bin";
  private static final Body BODY = Body.random(10_000, 81);
  private static final int CONNECTIONS = 60;

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .limits(
              "connections: " + CONNECTIONS,
              "header_read_timeout: 2s",
              "keep_alive_timeout: 3s",
              "request_fields: 100",
              "request_head_bytes: 32KiB",
              "request_target_bytes: 8KiB");

  @BeforeAll
  void store() {
    rig.origin().at(PATH, Content.of(BODY));
    rig.get(PATH);
    rig.awaitStored(PATH);
  }

  static Stream<Trap> oversized() {
    return Stream.of(
        new Trap(
            "L01",
            "64 KiB target",
            "GET {T}" + "a".repeat(64 << 10) + " HTTP/1.1\r\nHost: {H}\r\n\r\n"),
        new Trap("L02", "128 KiB field", HEAD + "X: " + "a".repeat(128 << 10) + "\r\n\r\n"),
        new Trap("L03", "5,000 fields", HEAD + "X: a\r\n".repeat(5000) + "\r\n"),
        new Trap("L03b", "101 fields", HEAD + "X: a\r\n".repeat(101) + "\r\n"),
        new Trap(
            "L04",
            "a head that never ends",
            HEAD + ("X: " + "a".repeat(1000) + "\r\n").repeat(200)));
  }

  @ParameterizedTest
  @MethodSource("oversized")
  void oversizedHead_isRefused_closed_andNothingGoesUpstream(Trap trap) {
    Verdict verdict = Verdict.of(rig, trap, Duration.ofSeconds(10));

    assertThat(verdict.onlyStatus()).as(verdict.toString()).isIn(414, 431);
    assertThat(verdict.closed()).isTrue();
    assertThat(verdict.reachedOrigin()).isEmpty();
  }

  /** Trap SL01. */
  @Test
  void headsThatTrickle_areEndedAtTheLimit_andNobodyWaitsForThem() {
    List<RawClient> slow = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS - 10; i++) {
        slow.add(rig.client().send("GET / HTTP/1.1\r\nX-" + i + ":"));
      }
      Duration beside = Await.time(() -> assertThat(rig.get(PATH).status()).isEqualTo(200));
      assertThat(beside).isLessThan(Duration.ofSeconds(1));
      for (RawClient client : slow) {
        assertThat(client.read("GET").status()).isEqualTo(408);
        assertThat(client.awaitClose().visiblyBroken()).isTrue();
      }
    } finally {
      slow.forEach(RawClient::close);
    }
  }

  @Test
  void headWithinTheLimits_isServed() {
    String[] fields =
        IntStream.range(0, 90)
            .mapToObj(i -> "X-" + i + ": " + "a".repeat(200))
            .toArray(String[]::new);

    assertThat(rig.get(PATH, fields).mismatch(BODY.bytes())).isEqualTo(-1);
  }

  static Stream<Trap> ranges() {
    StringBuilder thousand = new StringBuilder("bytes=");
    for (int i = 0; i < 1000; i++) {
      thousand.append(i == 0 ? "" : ",").append(i * 2).append('-').append(i * 2);
    }
    return Stream.of(
        new Trap("L05", "1,000 ranges", thousand.toString()),
        new Trap("L06", "range over 2^63", "bytes=9223372036854775808-9223372036854775999"),
        new Trap("L06b", "range over 2^64", "bytes=0-99999999999999999999999"),
        new Trap("L06c", "suffix over 2^63", "bytes=-9223372036854775808"),
        new Trap("L07", "reversed", "bytes=9-5"),
        new Trap("L08", "minus zero", "bytes=-0"),
        new Trap("L09", "unknown unit", "pages=1-2"));
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void oddRange_isWholeOrPartialOr416_neverMultipart(Trap trap) {
    Answer answer = rig.get(PATH, "Range: " + trap.text());

    assertThat(answer.status()).isIn(200, 206, 416);
    assertThat(answer.head().text("Content-Type")).doesNotContain("multipart");
    if (answer.status() != 416) {
      assertThat(answer.mismatch(BODY.bytes())).isEqualTo(-1);
    }
  }

  @Test
  void headThatTrickles_isEndedAtTheHeaderTimeout() {
    try (RawClient client = rig.client().patience(Duration.ofSeconds(10))) {
      client.send("GET " + Rig.target(PATH) + " HTTP/1.1\r\nHos");
      Duration took =
          Await.time(() ->
              assertThat(client.readUntilClose("GET").stream().map(Answer::status))
                  .isSubsetOf(408));

      assertThat(client.lastEnd()).isNotEqualTo(End.TIMED_OUT);
      assertThat(took).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(6));
    }
  }

  @Test
  void headThatTricklesByteByByte_isEndedToo() {
    try (RawClient client = rig.client().patience(Duration.ofSeconds(10))) {
      Background<End> ended = Background.start(() -> endOf(client));
      for (int i = 0; i < 100 && !ended.isDone(); i++) {
        client.send(i == 0 ? "GET / HTTP/1.1\r\nX: " : "a");
        Await.pass(Duration.ofMillis(100));
      }

      assertThat(ended.isDone()).as("ended while it still trickled").isTrue();
      assertThat(ended.join()).isNotEqualTo(End.TIMED_OUT);
    }
  }

  private static End endOf(RawClient client) {
    client.readUntilClose("GET");
    return client.lastEnd();
  }

  @Test
  void idleKeepAlive_isEndedAtItsTimeout() {
    try (RawClient client = rig.client().patience(Duration.ofSeconds(15))) {
      assertThat(client.get(Rig.target(PATH)).status()).isEqualTo(200);
      Duration took = Await.time(() -> assertThat(client.awaitClose()).isNotEqualTo(End.TIMED_OUT));

      assertThat(took).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
    }
  }

  @Test
  void connectionsOverTheLimit_areAnswered503_andTheOthersGoOn() {
    List<RawClient> kept = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        kept.add(rig.client());
      }
      RawClient first = kept.get(0);
      RawClient oneMore = rig.client();
      kept.add(oneMore);
      oneMore.request("GET", Rig.target(PATH));
      List<Answer> refused = oneMore.readUntilClose("GET");

      assertThat(refused).allMatch(answer -> answer.status() == 503);
      assertThat(oneMore.lastEnd()).isNotEqualTo(End.TIMED_OUT);
      assertThat(first.get(Rig.target(PATH)).status()).isEqualTo(200);
    } finally {
      kept.forEach(RawClient::close);
    }
    rig.await("connections are free again", () -> rig.get(PATH).status() == 200);
  }
}
