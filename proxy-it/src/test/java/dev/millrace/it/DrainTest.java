package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.Millrace;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SIGTERM: no new connection is taken, what runs may finish, the exit code is 0. */
final class DrainTest {
  private static final Body BODY = Body.random(8 << 20, 161);

  private Rig rig = Rig.with();

  @AfterEach
  void stop() {
    rig.stop();
  }

  private void start(String drainTimeout) {
    rig = Rig.with().settings("drain_timeout: " + drainTimeout);
    rig.start();
  }

  @Test
  void runningAnswerFinishes_newConnectionsAreRefused_exitIsZero() {
    start("20s");
    Gate gate = new Gate(4 << 20);
    rig.origin().at("/drain.bin", Content.of(BODY).gated(gate)).at("/idle", Content.of("idle"));
    Millrace millrace = rig.millrace();

    try (RawClient idle = rig.client();
        RawClient running = rig.client()) {
      assertThat(idle.get(Rig.target("/idle")).text()).isEqualTo("idle");
      Head head = running.request("GET", Rig.target("/drain.bin")).head();
      gate.awaitReached();
      millrace.terminate();
      rig.await("new connections are refused", () -> refuses(millrace.port()));
      assertThat(idle.awaitClose()).isNotEqualTo(End.TIMED_OUT);
      assertThat(millrace.isAlive()).isTrue();
      gate.release();

      Download got = Download.finish(running, head, BODY);
      assertThat(got.wholeAndRight(BODY.lengthBytes())).as(got.toString()).isTrue();
      assertThat(running.awaitClose()).isNotEqualTo(End.TIMED_OUT);
    }
    assertThat(millrace.awaitExit()).isZero();
  }

  private static boolean refuses(int port) {
    try (RawClient client = RawClient.connect(port)) {
      return client.patience(Duration.ofMillis(200)).awaitClose() == End.RESET;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  @Test
  void answerThatDoesNotFinish_isCutVisibly_atTheDrainTimeout() {
    start("1s");
    rig.origin().at("/endless.bin", Content.of(BODY).broken(new Fault.SlowBytes(100_000)));
    Millrace millrace = rig.millrace();

    try (RawClient running = rig.client()) {
      Head head = running.request("GET", Rig.target("/endless.bin")).head();
      Duration took =
          Await.time(() -> {
            millrace.terminate();
            millrace.awaitExit();
          });

      assertThat(took).isBetween(Duration.ofMillis(700), Duration.ofSeconds(8));
      assertThat(Download.finish(running, head, BODY).end().visiblyBroken()).isTrue();
    }
    assertThat(rig.folder().blobs()).isEmpty();
  }

  @Test
  void idleProcess_endsAtOnce_andStartsAgainOnItsFolder() {
    start("30s");
    rig.origin().at("/kept.bin", Content.of(BODY));
    rig.get("/kept.bin");
    rig.awaitStored("/kept.bin");
    Millrace millrace = rig.millrace();

    try (RawClient idle = rig.client()) {
      idle.get(Rig.target("/kept.bin"));
      Duration took =
          Await.time(() -> {
            millrace.terminate();
            assertThat(millrace.awaitExit()).isZero();
          });
      assertThat(took).isLessThan(Duration.ofSeconds(6));
    }
    rig.restart();
    assertThat(rig.get("/kept.bin").head().source()).isEqualTo("cache");
  }
}
