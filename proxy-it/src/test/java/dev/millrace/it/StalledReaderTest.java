package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client that stops reading costs the others nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StalledReaderTest {
  private static final long MIB = 1 << 20;
  private static final Body BODY = Body.random(192 * MIB, 71);
  private static final int ROUNDS = 7;

  @RegisterExtension final Rig rig = Rig.with().jvm("-Xmx64m", "-XX:MaxDirectMemorySize=64m");

  @Test
  void readerBesideAStalledOne_takesAsLongAsAlone_andMemoryStaysFlat() {
    List<Double> ratios = new ArrayList<>();
    readAlone();
    long peakBefore = rig.millrace().peakResidentBytes();
    for (int round = 0; round < ROUNDS; round++) {
      Duration alone = readAlone();
      Duration beside = readBesideStalled();
      ratios.add((double) beside.toNanos() / alone.toNanos());
      System.out.println("alone " + alone + ", beside a stalled reader " + beside);
    }
    long peakAfter = rig.millrace().peakResidentBytes();

    assertThat(ratios.stream().sorted().toList().get(ROUNDS / 2))
        .as("median of " + ratios)
        .isLessThanOrEqualTo(1.2);
    assertThat(peakAfter - peakBefore).isLessThan(48 * MIB);
    assertThat(peakAfter).isLessThan(200 * MIB);
  }

  private Duration readAlone() {
    String path = rig.path("alone.bin");
    rig.origin().at(path, Content.of(BODY));
    return Await.time(() -> readAll(path));
  }

  /** The upstream waits for the other reader, so that its time is that of the whole body. */
  private Duration readBesideStalled() {
    String path = rig.path("beside.bin");
    Gate gate = new Gate(MIB);
    rig.origin().at(path, Content.of(BODY).gated(gate));
    try (RawClient stalled = RawClient.connect(rig.millrace().port(), 64 * 1024)) {
      stopAtOneMebibyte(stalled, path);
      return Await.time(() -> {
        gate.release();
        readAll(path);
      });
    }
  }

  private static void stopAtOneMebibyte(RawClient client, String path) {
    Head head = client.request("GET", Rig.target(path)).head();
    Body.Check check = BODY.checkFrom(0);
    client.drain(head, "GET", (bytes, n) -> check.accept(bytes, n) && check.rightBytes() < MIB);
    assertThat(check.rightBytes()).isBetween(MIB, 2 * MIB);
  }

  private void readAll(String path) {
    try (RawClient client = rig.client()) {
      Download got = Download.get(client, Rig.target(path), BODY);
      assertThat(got.wholeAndRight(BODY.lengthBytes())).as(got.toString()).isTrue();
      assertThat(rig.origin().gets(path)).isEqualTo(1);
    }
  }

  @Test
  void leaderThatStalls_neverSlowsTheFill() {
    String path = rig.path("stalled-leader.bin");
    rig.origin().at(path, Content.of(BODY));

    try (RawClient leader = RawClient.connect(rig.millrace().port(), 64 * 1024)) {
      stopAtOneMebibyte(leader, path);
      rig.awaitStored(path);
      readAll(path);

      assertThat(rig.origin().gets(path)).isEqualTo(1);
    }
  }
}
