package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import dev.millrace.config.RemoteSettings;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An origin that is out is left alone, and found again. */
final class OriginOutageTest {
  private static final String DOWN = "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n";
  private static final String BUSY =
      "HTTP/1.1 429 Busy\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n";
  private static final String ABSENT = "HTTP/1.1 404 Absent\r\nContent-Length: 0\r\n\r\n";
  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final int FEW = Limits.BREAKER_FAILURES - 1;

  private final AtomicLong passed = new AtomicLong();
  private final OriginFixture fixture =
      OriginFixture.with(OriginFixture.clock(() -> System.nanoTime() + passed.get()));

  @AfterEach
  void close() {
    fixture.close();
  }

  private String get(RemoteSettings remote) throws Exception {
    return fixture.get(remote, "x").summary();
  }

  /** Closes without a word, for the first so many connections. */
  private static ScriptedOrigin.Script[] silentThen(int silent, String... answers) {
    ScriptedOrigin.Script[] scripts = new ScriptedOrigin.Script[silent + 1];
    for (int i = 0; i < silent; i++) {
      scripts[i] = ScriptedOrigin.Peer::readHead;
    }
    scripts[silent] = ScriptedOrigin.answering(answers);
    return scripts;
  }

  @Test
  void originThatBreaksEveryConnection_isLeftAlone_andAskedOnceWhenTheWaitIsOver()
      throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(silentThen(Limits.BREAKER_FAILURES + 1, HELLO, HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < Limits.BREAKER_FAILURES; i++) {
        assertThat(get(remote)).isEqualTo("CLOSED_EARLY");
      }
      assertThat(get(remote)).isEqualTo("CIRCUIT_OPEN");
      assertThat(origin.connections()).isEqualTo(Limits.BREAKER_FAILURES);
      assertThat(fixture.events().count("circuit")).isEqualTo(1);

      passed.addAndGet(Limits.BREAKER_WAIT_FIRST.toNanos());
      assertThat(get(remote)).as("the probe").isEqualTo("CLOSED_EARLY");
      assertThat(get(remote)).isEqualTo("CIRCUIT_OPEN");
      passed.addAndGet(2 * Limits.BREAKER_WAIT_FIRST.toNanos());
      assertThat(get(remote)).as("the second probe").isEqualTo("200 LENGTH_MET hello");
      assertThat(get(remote)).isEqualTo("200 LENGTH_MET hello");
    }
  }

  @Test
  void answersThatSayTheOriginIsOut_countToo() throws Exception {
    String[] answers = new String[Limits.BREAKER_FAILURES];
    Arrays.fill(answers, DOWN);
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(answers))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < Limits.BREAKER_FAILURES; i++) {
        assertThat(get(remote)).startsWith("503");
      }
      assertThat(get(remote)).isEqualTo("CIRCUIT_OPEN");
    }
  }

  @Test
  void retryAfter_isObeyed() throws Exception {
    String[] answers = new String[Limits.BREAKER_FAILURES + 1];
    Arrays.fill(answers, BUSY);
    answers[Limits.BREAKER_FAILURES] = HELLO;
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(answers))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < Limits.BREAKER_FAILURES; i++) {
        assertThat(get(remote)).startsWith("429");
      }
      passed.addAndGet(Limits.BREAKER_WAIT_FIRST.toNanos());
      assertThat(get(remote)).isEqualTo("CIRCUIT_OPEN");
      passed.addAndGet(19_000_000_000L);
      assertThat(get(remote)).isEqualTo("200 LENGTH_MET hello");
    }
  }

  @Test
  void anyOtherAnswer_endsTheCount() throws Exception {
    String[] answers = new String[2 * FEW + 1];
    Arrays.fill(answers, DOWN);
    answers[FEW] = ABSENT;
    try (ScriptedOrigin origin = ScriptedOrigin.of(ScriptedOrigin.answering(answers))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < 2 * FEW + 1; i++) {
        assertThat(get(remote)).startsWith(i == FEW ? "404" : "503");
      }
      assertThat(fixture.events().count("circuit")).isZero();
    }
  }

  /** CR09: what one remote meets is not another's. */
  @Test
  void anotherRemoteOfTheSameHost_isAsked() throws Exception {
    try (ScriptedOrigin origin =
        ScriptedOrigin.of(silentThen(Limits.BREAKER_FAILURES, HELLO, HELLO))) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      OriginFixture.Remote other = new OriginFixture.Remote();
      other.name = "other";
      for (int i = 0; i < Limits.BREAKER_FAILURES; i++) {
        get(remote);
      }

      assertThat(get(other.at(origin.url()))).isEqualTo("200 LENGTH_MET hello");
      assertThat(get(remote)).isEqualTo("CIRCUIT_OPEN");
    }
  }

  /** A body that breaks in its middle says nothing of the origin: it is resumed. */
  @Test
  void brokenBodies_doNotCount() throws Exception {
    ScriptedOrigin.Script broken =
        peer -> {
          peer.readHead();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello");
        };
    try (ScriptedOrigin origin = ScriptedOrigin.of(broken)) {
      RemoteSettings remote = new OriginFixture.Remote().at(origin.url());
      for (int i = 0; i < 2 * Limits.BREAKER_FAILURES; i++) {
        assertThat(get(remote)).isEqualTo("200 CLOSED_EARLY");
      }
    }
  }
}
