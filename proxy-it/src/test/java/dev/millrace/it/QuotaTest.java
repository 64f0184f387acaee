package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The folder stays within its quota, and eviction breaks no reader. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QuotaTest {
  private static final int MIB = 1 << 20;
  private static final int QUOTA_BYTES = 24 * MIB;

  @RegisterExtension final Rig rig = Rig.with().settings("disk_quota: 24MiB");

  @Test
  void eviction_keepsTheQuota_andTheReaderOfAnEvictedBlobEndsWhole() {
    Body first = Body.random(8 * MIB, 170);
    rig.origin().at("/first.bin", Content.of(first));
    rig.get("/first.bin");
    rig.awaitStored("/first.bin");

    try (RawClient reader = RawClient.connect(rig.millrace().port(), 64 * 1024)) {
      Head head = reader.request("GET", Rig.target("/first.bin")).head();
      assertThat(head.source()).isEqualTo("cache");
      for (int i = 1; i <= 10; i++) {
        String path = "/later/" + i;
        Body body = Body.random(8 * MIB, 170 + i);
        rig.origin().at(path, Content.of(body));
        assertThat(rig.get(path).mismatch(body.bytes())).isEqualTo(-1);
        rig.awaitStored(path);
      }
      rig.await("within the quota", () -> rig.folder().blobBytes() <= QUOTA_BYTES);

      assertThat(Download.finish(reader, head, first).wholeAndRight(8 * MIB)).isTrue();
    }
    assertThat(rig.get("/first.bin").head().source()).isEqualTo("remote");
    assertThat(rig.get("/later/10").head().source()).isEqualTo("cache");
  }

  @Test
  void bodyOfUnknownLengthLargerThanTheQuota_isPassedOnWhole_toAllWhoAsk() {
    Body body = Body.random(60 * MIB, 198);
    rig.origin().at("/unknown.bin", Content.of(body).framed(Framing.CHUNKED));

    double before = degraded();

    for (int i = 0; i < 2; i++) {
      assertThat(rig.get("/unknown.bin").mismatch(body.bytes())).isEqualTo(-1);
      rig.awaitIdle();
    }
    assertThat(rig.get("/unknown.bin").head().source()).isEqualTo("remote");
    rig.await("within the quota", () -> rig.folder().blobBytes() <= QUOTA_BYTES);
    assertThat(degraded() - before).isEqualTo(3);
  }

  private double degraded() {
    return rig.millrace().metrics().sum("millrace_fills_degraded_total");
  }

  @Test
  void bodyLargerThanTheQuota_isRelayedWhole() {
    Body body = Body.random(40 * MIB, 199);
    rig.origin().at("/too-large.bin", Content.of(body));

    assertThat(rig.get("/too-large.bin").mismatch(body.bytes())).isEqualTo(-1);
    rig.awaitIdle();
    rig.await("within the quota", () -> rig.folder().blobBytes() <= QUOTA_BYTES);
  }
}
