package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Folder;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bodies far larger than the memory of the process, alone, side by side and joined by many. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemoryIsFlatTest {
  private static final long MIB = 1 << 20;
  private static final long PEAK_RESIDENT_MAX = 200 * MIB;
  private static final int JOINERS = 200;
  private static final int SLOW_JOINERS = 20;

  @RegisterExtension final Rig rig = Rig.with().jvm("-Xmx64m", "-XX:MaxDirectMemorySize=64m");

  @Test
  void twoGigabytes_passThrough64MebibytesOfHeap() {
    Body body = Body.random(2L << 30, 61);
    rig.origin().at("/two-gib.bin", Content.of(body));

    Download miss = download("/two-gib.bin", body);
    rig.await(
        "stored",
        Duration.ofMinutes(1),
        () -> rig.head("/two-gib.bin").head().source().equals("cache"));
    Download hit = download("/two-gib.bin", body);

    assertThat(miss.wholeAndRight(body.lengthBytes())).as(miss.toString()).isTrue();
    assertThat(hit.wholeAndRight(body.lengthBytes())).as(hit.toString()).isTrue();
    assertThat(hit.head().source()).isEqualTo("cache");
    assertThat(rig.origin().gets("/two-gib.bin")).isEqualTo(1);
    Path blob = rig.folder().root().resolve("blobs/sha256/" + pathOf(body.sha256()));
    assertThat(Folder.sha256(blob)).isEqualTo(body.sha256());
    assertPeak("one body of 2 GiB, miss and hit");
  }

  private static String pathOf(String hex) {
    return hex.substring(0, 2) + "/" + hex;
  }

  @Test
  void sixtyFourBodiesAtOnce_areAllRight() {
    List<Body> bodies = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      bodies.add(Body.random(64 * MIB, 6400 + i));
      rig.origin().at("/many/" + i, Content.of(bodies.get(i)));
    }

    List<Download> got = Background.all(64, i -> () -> download("/many/" + i, bodies.get(i)));

    for (int i = 0; i < 64; i++) {
      assertThat(got.get(i).wholeAndRight(64 * MIB)).as(i + ": " + got.get(i)).isTrue();
      assertThat(rig.origin().gets("/many/" + i)).isEqualTo(1);
    }
    assertPeak("64 bodies of 64 MiB at once");
  }

  private Download download(String path, Body body) {
    try (RawClient client = rig.client()) {
      return Download.get(client, Rig.target(path), body);
    }
  }

  private void assertPeak(String what) {
    long peak = rig.millrace().peakResidentBytes();
    System.out.println("peak resident memory, " + what + ": " + peak / MIB + " MiB");
    assertThat(peak).as(what).isLessThanOrEqualTo(PEAK_RESIDENT_MAX);
  }

  @Test
  void twoHundredJoiners_atRandomMomentsAndOffsets_causeOneFetch() {
    long length = 512 * MIB;
    long seed = new Random().nextLong();
    System.out.println("seed of the joiners: " + seed);
    Body body = Body.random(length, 512);
    rig.origin().at("/joined.bin", Content.of(body).broken(new Fault.SlowBytes(64 * MIB)));
    Background<Download> leader = Background.start(() -> download("/joined.bin", body));
    rig.await("the fill runs", () -> rig.origin().gets("/joined.bin") == 1);

    List<String> faults =
        Background.all(JOINERS, i -> () -> join(i, random(seed, i), body)).stream()
            .filter(fault -> !fault.isEmpty())
            .toList();

    assertThat(faults).isEmpty();
    assertThat(leader.join().wholeAndRight(length)).isTrue();
    assertThat(rig.origin().gets("/joined.bin")).isEqualTo(1);
    assertPeak("200 joiners of 512 MiB");
  }

  /** Seeds that lie close together would give moments that lie close together. */
  private static Random random(long seed, int number) {
    return new Random(new SplittableRandom(seed + number).nextLong());
  }

  /** Joins once; empty when everything was right, else what was wrong. */
  private String join(int number, Random random, Body body) {
    boolean slow = number < SLOW_JOINERS;
    long length = body.lengthBytes();
    Await.pass(Duration.ofMillis(random.nextInt(7000)));
    long from = number % 16 == 0 ? 0 : random.nextLong(length);
    long limit = slow ? 4 * MIB : number % 3 == 0 ? length : 32 * MIB;
    boolean toTheEnd = !slow && number % 16 == 15;
    long to = toTheEnd ? length : Math.min(length, from + 1 + random.nextLong(limit));
    try (RawClient client = RawClient.connect(rig.millrace().port(), slow ? 64 * 1024 : 0)) {
      client.patience(Duration.ofMinutes(1)).readingAt(slow ? MIB : 0);
      String range = "Range: bytes=" + from + "-" + (to - 1);
      Head head = client.request("GET", Rig.target("/joined.bin"), range).head();
      Body.Check check = body.checkFrom(from);
      End end = client.drain(head, "GET", check);
      boolean right = head.status() == 206 && end == End.WHOLE && check.rightBytes() == to - from;
      return right
          ? ""
          : number
              + ": "
              + range
              + " gave "
              + head
              + " "
              + end
              + " right bytes "
              + check.rightBytes()
              + ", wrong at "
              + check.wrongAtBytes();
    }
  }
}
