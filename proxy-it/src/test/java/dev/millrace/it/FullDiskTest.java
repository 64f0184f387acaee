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
import dev.millrace.it.rig.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No file may grow over 3 MiB, so that writes fail in the middle of larger bodies: their readers
 * get them all the same, and when the limit goes, so does the trouble.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FullDiskTest {
  private static final int MIB = 1 << 20;
  private static final Body BODY = Body.random(8 * MIB, 91);
  private static final String TAG = "ETag: \"full\"";

  @RegisterExtension final Rig rig = Rig.with("mutable_patterns: [\"/mutable/\"]");

  private void filesUpTo(String bytes) {
    Run.program(
        List.of(
            "prlimit",
            "--pid",
            Long.toString(rig.millrace().pid()),
            "--fsize=" + bytes + ":unlimited"),
        null,
        Map.of(),
        Duration.ofSeconds(10));
  }

  @AfterEach
  void spaceComesBack() {
    filesUpTo("unlimited");
    String path = rig.path("after.bin");
    rig.origin().at(path, Content.of(BODY));
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
    rig.awaitStored(path);
    rig.folder().checkBlobs();
  }

  /** A body under a name for the report. */
  record Case(String name, Content content) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> named() {
    return Stream.of(
        new Case("entity tag", Content.of(BODY).with(TAG).ranged()),
        new Case("entity tag, no ranges", Content.of(BODY).with(TAG)),
        new Case("digest", Content.of(BODY).with(reprDigest(BODY)).ranged()),
        new Case("digest, no ranges", Content.of(BODY).with(reprDigest(BODY))));
  }

  private static String reprDigest(Body body) {
    byte[] digest = HexFormat.of().parseHex(body.sha256());
    return "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }

  @ParameterizedTest
  @MethodSource("named")
  void writeFailsInTheMiddle_everyReaderEndsWhole(Case served) {
    filesUpTo(Integer.toString(3 * MIB));
    String path = rig.path("full.bin");
    Gate gate = new Gate(2 * MIB);
    rig.origin().at(path, served.content().gated(gate));
    List<Background<Download>> readers = new ArrayList<>();

    readers.add(Background.start(() -> whole(path)));
    gate.awaitReached();
    for (String range : List.of("bytes=1000-", "bytes=5000000-5999999", "bytes=-1000")) {
      readers.add(Background.start(() -> ranged(path, range)));
    }
    readers.add(Background.start(() -> slow(path)));
    rig.await(
        "all have joined",
        () -> rig.millrace().metrics().sum("millrace_readers") == readers.size());
    gate.release();

    List<Long> lengths = List.of(8L * MIB, 8L * MIB - 1000, 1_000_000L, 1000L, 8L * MIB);
    for (int i = 0; i < lengths.size(); i++) {
      Download got = readers.get(i).join();
      assertThat(got.wholeAndRight(lengths.get(i))).as("reader " + i + ": " + got).isTrue();
    }
    assertThat(rig.head(path).head().source()).isNotEqualTo("cache");
    rig.awaitIdle();
  }

  private Download whole(String path) {
    try (RawClient client = rig.client()) {
      return Download.get(client, Rig.target(path), BODY);
    }
  }

  private Download ranged(String path, String range) {
    try (RawClient client = rig.client()) {
      return Download.get(client, Rig.target(path), BODY, "Range: " + range);
    }
  }

  private Download slow(String path) {
    try (RawClient client = RawClient.connect(rig.millrace().port(), 64 * 1024)) {
      client.readingAt(16L * MIB);
      Head head = client.request("GET", Rig.target(path)).head();
      return Download.finish(client, head, BODY);
    }
  }

  /** OC02: a digest that nothing can meet, and no disk. */
  @Test
  void wrongDigest_neverEndsWhole() {
    filesUpTo(Integer.toString(3 * MIB));
    String path = rig.path("wrong.bin");
    rig.origin().at(path, Content.of(BODY).with(reprDigest(Body.text("another"))).ranged());

    Answer got = rig.get(path);

    assertThat(got.end().visiblyBroken()).as(got.toString()).isTrue();
    assertThat((long) got.body().length).isLessThan(BODY.lengthBytes());
    Answer again = rig.get(path);
    assertThat(again.end().visiblyBroken()).as("relayed: " + again).isTrue();
  }

  /** Nothing says that what the upstream sends later is of the same body. */
  @Test
  void bodyWithoutAName_isVisiblyBroken_andThenPassedOn() {
    filesUpTo(Integer.toString(3 * MIB));
    String path = rig.path("mutable/unnamed.bin");
    rig.origin().at(path, Content.of(BODY).ranged());

    assertThat(rig.get(path).end().visiblyBroken()).isTrue();
    assertThat(rig.get(path).mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void bodyThatFits_isStored() {
    filesUpTo(Integer.toString(3 * MIB));
    String path = rig.path("fits.bin");
    Body small = Body.random(2 * MIB, 92);
    rig.origin().at(path, Content.of(small));

    assertThat(rig.get(path).mismatch(small.bytes())).isEqualTo(-1);
    rig.awaitStored(path);
  }
}
