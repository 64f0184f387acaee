package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More fetches and more descriptors than there are (traps SL09 and SL15). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OverloadTest {
  private static final int FILLS = 20;
  private static final int UPSTREAM_CONNECTIONS = 4;
  private static final int REQUESTS = 1000;

  /** What the product may keep back for its own files when it stops accepting. */
  private static final int DESCRIPTORS_RESERVED_MAX = 4;

  @RegisterExtension
  final Rig rig = Rig.with("max_connections: " + UPSTREAM_CONNECTIONS).limits("fills: " + FILLS);

  @Test
  void sl09_distinctColdObjects_areBounded_queued_thenRefusedWithRetryAfter() {
    Gate gate = new Gate(0);
    rig.origin().otherwise(Content.of("cold").gated(gate));
    int connectionsBefore = rig.origin().connections();

    List<Background<Answer>> asked =
        IntStream.range(0, REQUESTS)
            .mapToObj(i -> Background.start(() -> rig.get("/sl09/" + i)))
            .toList();
    rig.await(
        "all over the limit are refused",
        () -> asked.stream().filter(Background::isDone).count() >= REQUESTS - FILLS);
    int connections = rig.origin().connections() - connectionsBefore;
    gate.release();
    List<Answer> answers = asked.stream().map(Background::join).toList();

    assertThat(connections).isLessThanOrEqualTo(UPSTREAM_CONNECTIONS);
    assertThat(answers).allMatch(a -> a.status() == 200 || a.status() == 503);
    assertThat(answers)
        .filteredOn(a -> a.status() == 503)
        .isNotEmpty()
        .allMatch(a -> a.head().text("Retry-After").matches("\\d+"));
    assertThat(answers).filteredOn(a -> a.status() == 200).hasSizeGreaterThanOrEqualTo(FILLS / 2);
    assertThat(rig.get("/sl09/after").status()).isEqualTo(200);
  }

  @Test
  void sl15_descriptorLimitReached_acceptPausesWithoutSpinning_andCachedReadsGoOn() {
    rig.origin().at("/sl15.bin", Content.of("cached"));
    rig.get("/sl15.bin");
    rig.awaitStored("/sl15.bin");
    List<RawClient> crowd = new ArrayList<>();
    try (RawClient kept = rig.client()) {
      assertThat(kept.get(Rig.target("/sl15.bin")).text()).isEqualTo("cached");
      int limit = rig.millrace().descriptors().size() + 20;
      limitDescriptors(limit);
      for (int i = 0; i < 60; i++) {
        crowd.add(rig.client());
      }
      rig.await(
          "no descriptor is left",
          () -> rig.millrace().descriptors().size() >= limit - DESCRIPTORS_RESERVED_MAX);
      Duration before = rig.millrace().cpuTime();
      Await.pass(Duration.ofSeconds(2));
      Duration spent = rig.millrace().cpuTime().minus(before);

      assertThat(spent).isLessThan(Duration.ofMillis(700));
      for (int i = 0; i < 20; i++) {
        assertThat(kept.get(Rig.target("/sl15.bin")).text()).isEqualTo("cached");
      }
    } finally {
      crowd.forEach(RawClient::abort);
      limitDescriptors(4096);
    }
    try (RawClient later = rig.client().patience(Duration.ofSeconds(10))) {
      assertThat(later.get(Rig.target("/sl15.bin")).text()).isEqualTo("cached");
    }
  }

  private void limitDescriptors(int limit) {
    Run run =
        Run.program(
            List.of("prlimit", "--pid", "" + rig.millrace().pid(), "--nofile=" + limit + ":"),
            null,
            Map.of(),
            Duration.ofSeconds(10));
    assertThat(run.exitCode()).as(run.output()).isZero();
  }
}
