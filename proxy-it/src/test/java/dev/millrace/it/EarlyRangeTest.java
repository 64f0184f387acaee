package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whether a part of a body with a promised digest leaves before the whole is proven. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EarlyRangeTest {
  private static final Body BODY = Body.random(2 << 20, 81);
  private static final String RANGE = "Range: bytes=0-99";

  @RegisterExtension
  final Rig rig =
      Rig.with("early_range: true").remote("late", "${origin}/base", "early_range: false");

  private static String reprDigest(Body body) {
    byte[] digest = HexFormat.of().parseHex(body.sha256());
    return "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }

  private Gate held(String path, Body promised) {
    Gate gate = new Gate(1 << 20);
    rig.origin().at(path, Content.of(BODY).with(reprDigest(promised)).gated(gate));
    return gate;
  }

  @Test
  void on_servesThePartWhileTheBodyComes() {
    String path = rig.path("on.bin");
    Gate gate = held(path, BODY);
    Background<Answer> leader = Background.start(() -> rig.get(path));
    gate.awaitReached();

    Answer part = rig.get(path, RANGE);

    assertThat(part.status()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(BODY.slice(0, 100));
    gate.release();
    assertThat(leader.join().mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void off_servesThePartWhenTheWholeIsProven() {
    String path = rig.path("off.bin");
    Gate gate = held(path, BODY);
    Background<Answer> leader = Background.start(() -> rig.getTarget("/api/v1/remote/late" + path));
    gate.awaitReached();

    try (RawClient client = rig.client()) {
      Body.Check nothing = BODY.checkFrom(0);
      Head head = client.request("GET", "/api/v1/remote/late" + path, RANGE).head();
      assertThat(head.status()).as("the head need not wait").isEqualTo(206);
      client.patience(Duration.ofMillis(300));
      assertThat(client.drain(head, "GET", nothing)).isEqualTo(End.TIMED_OUT);
      assertThat(nothing.rightBytes()).isZero();
    }
    Background<Answer> patient =
        Background.start(() -> rig.getTarget("/api/v1/remote/late" + path, RANGE));
    gate.release();
    assertThat(patient.join().body()).isEqualTo(BODY.slice(0, 100));
    assertThat(leader.join().mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void off_servesNothingOfAWrongBody() {
    String path = rig.path("wrong.bin");
    Gate gate = held(path, Body.text("another"));
    Background<Answer> leader = Background.start(() -> rig.getTarget("/api/v1/remote/late" + path));
    gate.awaitReached();
    Background<Answer> part =
        Background.start(() -> rig.getTarget("/api/v1/remote/late" + path, RANGE));
    gate.release();

    assertThat(leader.join().end().visiblyBroken()).isTrue();
    Answer got = part.join();
    assertThat(got.status() == 206 && got.end() == End.WHOLE).as(got.toString()).isFalse();
  }
}
