package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Less direct memory than the load wants (trap SL14). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LowMemoryTest {
  private static final int CLIENTS = 150;

  @RegisterExtension
  final Rig rig =
      Rig.with().jvm("-Xmx96m", "-XX:MaxDirectMemorySize=32m").limits("keep_alive_timeout: 3s");

  /** Answers without a body end without waiting for the client: they must not pile up. */
  @Test
  void clientThatPipelinesHeads_andReadsNothing_costsNoMemory_andIsCut() {
    rig.origin().at("/pile.bin", Content.of("small"));
    rig.get("/pile.bin");
    rig.awaitStored("/pile.bin");
    String line = "HEAD " + Rig.target("/pile.bin") + " HTTP/1.1\r\nHost: h\r\n\r\n";
    byte[] many = line.repeat(200_000).getBytes(StandardCharsets.US_ASCII);
    long before = rig.millrace().peakResidentBytes();

    try (RawClient hoarder = RawClient.connect(rig.millrace().port(), 4096)) {
      Background<RawClient> sending = Background.start(() -> hoarder.send(many));
      assertThat(rig.get("/pile.bin").text()).isEqualTo("small");
      assertThat(sending.join().sentLess()).as("cut before it had sent all").isTrue();
    }
    assertThat(rig.millrace().peakResidentBytes() - before).isLessThan(24L << 20);
    assertThat(rig.get("/pile.bin").text()).isEqualTo("small");
  }

  @Test
  void sl14_underLoad_whatIsRefusedIsRefusedInOrder_andTheProcessRecovers() {
    Body body = Body.random(3 << 20, 141);
    rig.origin().otherwise(Content.of(body));

    List<Answer> answers = Background.all(CLIENTS, i -> () -> rig.get("/sl14/" + i));

    for (Answer answer : answers) {
      if (answer.status() == 200 && answer.whole()) {
        assertThat(answer.mismatch(body.bytes())).isEqualTo(-1);
      } else {
        assertThat(answer.status() >= 500 || answer.end().visiblyBroken())
            .as(answer.toString())
            .isTrue();
      }
    }
    assertThat(answers).anyMatch(answer -> answer.status() == 200 && answer.whole());
    assertThat(rig.millrace().isAlive()).isTrue();
    rig.awaitIdle();
    for (int i = 0; i < 5; i++) {
      assertThat(rig.get("/sl14-after/" + i).mismatch(body.bytes())).isEqualTo(-1);
    }
  }
}
