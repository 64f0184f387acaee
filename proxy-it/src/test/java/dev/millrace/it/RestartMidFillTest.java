package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Received;
import dev.millrace.it.rig.Rig;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Millrace ends in the middle of a large body: the next who asks goes on with what is on the disk.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestartMidFillTest {
  private static final int MIB = 1 << 20;
  private static final Body BODY = Body.random(32 * MIB, 95);
  private static final long HALF = 16 * MIB;

  @RegisterExtension final Rig rig = Rig.with().settings("drain_timeout: 100ms");

  private static Content named() {
    return Content.of(BODY).etag("\"one\"").ranged();
  }

  /** Has half of a body on the disk, and its client waiting. */
  private Background<Download> begin(String path, Content content) {
    Gate gate = new Gate(HALF);
    rig.origin().at(path, content.gated(gate));
    Background<Download> client =
        Background.start(() -> {
          try (RawClient connection = rig.client()) {
            return Download.get(connection, Rig.target(path), BODY);
          }
        });
    gate.awaitReached();
    rig.await("half of it is on the disk", () -> rig.folder().spoolBytes() >= HALF);
    return client;
  }

  private void assertGoesOn(String path, Background<Download> client, Content content) {
    assertThat(client.join().end().visiblyBroken()).isTrue();
    rig.origin().dropConnections();
    rig.origin().at(path, content);
    long before = rig.origin().bodyBytes();

    Answer whole = rig.get(path);

    assertThat(whole.mismatch(BODY.bytes())).isEqualTo(-1);
    assertThat(rig.origin().bodyBytes() - before).as("fetched once more").isEqualTo(HALF);
    List<Received> asked = rig.origin().received(path);
    assertThat(asked.getLast().first("Range")).isEqualTo("bytes=" + HALF + "-");
    rig.awaitStored(path);
    rig.folder().checkBlobs();
    rig.awaitIdle();
  }

  @Test
  void killed_itGoesOnFromWhatWasWritten() {
    String path = rig.path("killed.bin");
    Background<Download> client = begin(path, named());

    rig.killAndRestart();

    assertGoesOn(path, client, named());
  }

  @Test
  void endedInOrder_itGoesOnToo() {
    String path = rig.path("ended.bin");
    Background<Download> client = begin(path, named());

    rig.restart();

    assertGoesOn(path, client, named());
  }

  @Test
  void promisedDigest_isProvenOverBothParts() {
    String path = rig.path("promised.bin");
    byte[] digest = HexFormat.of().parseHex(BODY.sha256());
    String field = "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
    Content content = Content.of(BODY).with(field).ranged();
    Background<Download> client = begin(path, content);

    rig.killAndRestart();

    assertGoesOn(path, client, content);
  }

  @Test
  void replacedMeanwhile_isFetchedAnew() {
    String path = rig.path("replaced.bin");
    Background<Download> client = begin(path, named());
    rig.killAndRestart();
    client.join();
    Body other = Body.random(20 * MIB, 96);
    rig.origin().dropConnections();
    rig.origin().at(path, Content.of(other).etag("\"two\"").ranged());

    assertThat(rig.get(path).mismatch(other.bytes())).isEqualTo(-1);
    rig.awaitStored(path);
    rig.folder().checkBlobs();
    rig.awaitIdle();
  }

  /** Nothing says that what comes later is of the same body. */
  @Test
  void bodyWithoutAName_isNotKept() {
    String path = rig.path("unnamed.bin");
    Background<Download> client = begin(path, Content.of(BODY));

    rig.killAndRestart();

    client.join();
    assertThat(rig.folder().spool()).isEmpty();
    rig.origin().dropConnections();
  }
}
