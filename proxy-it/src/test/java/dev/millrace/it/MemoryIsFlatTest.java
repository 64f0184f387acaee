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
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Seed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Bodies far larger than the memory of the process, alone, side by side and joined by many. What is
 * measured is the process as it is shipped, so the leak detector is at its default level: the stack
 * traces of the paranoid one are garbage that fills the heap to its limit (20 to 40 MiB more). The
 * same paths are run under it by {@code ManyClientsTest} and {@code LeaderLeavesTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemoryIsFlatTest {
  private static final long MIB = 1 << 20;
  private static final long PEAK_RESIDENT_MAX = 200 * MIB;
  private static final int BODIES = 64;
  private static final int JOINERS = 200;
  private static final int SLOW_JOINERS = 20;

  /** Of the joiners; the rest may come so late that the body is stored. */
  private static final int JOINED_LIVE_MIN = 150;

  private static final int IDLE = 10_000;
  private static final long IDLE_RESIDENT_MAX = 64 * MIB;

  private static final long SLOW_BYTES_PER_SECOND = 1_000_000;
  private static final long SLOW_LENGTH = 5 * SLOW_BYTES_PER_SECOND;

  @RegisterExtension
  final Rig rig =
      Rig.with("max_connections: " + BODIES)
          .limits("connections: " + (IDLE + 100), "keep_alive_timeout: 5m")
          .jvm("-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-Dio.netty.leakDetection.level=simple");

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
    List<Gate> gates = new ArrayList<>();
    List<Background<Download>> downloads = new ArrayList<>();
    for (int i = 0; i < BODIES; i++) {
      Body body = Body.random(64 * MIB, 6400 + i);
      String path = "/many/" + i;
      gates.add(new Gate(MIB));
      rig.origin().at(path, Content.of(body).gated(gates.getLast()));
      downloads.add(Background.start(() -> download(path, body)));
    }

    gates.forEach(Gate::awaitReached);
    gates.forEach(Gate::release);

    for (int i = 0; i < BODIES; i++) {
      Download got = downloads.get(i).join();
      assertThat(got.wholeAndRight(64 * MIB)).as(i + ": " + got).isTrue();
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
    Seed seed = Seed.of("the joiners");
    Body body = Body.random(length, 512);
    rig.origin().at("/joined.bin", Content.of(body).broken(new Fault.SlowBytes(64 * MIB)));
    Background<Download> leader = Background.start(() -> download("/joined.bin", body));
    rig.await("the fill runs", () -> rig.origin().gets("/joined.bin") == 1);

    List<Joined> joined = Background.all(JOINERS, i -> () -> join(i, seed.random(i), body));

    assertThat(joined).allMatch(Joined::isRight);
    assertThat(joined.stream().filter(Joined::isLive).count())
        .as("joiners of the live fill")
        .isGreaterThanOrEqualTo(JOINED_LIVE_MIN);
    assertThat(joined.subList(0, SLOW_JOINERS))
        .allMatch(Joined::isLive)
        .allMatch(slow -> slow.took().toMillis() >= SLOW_LENGTH * 900 / SLOW_BYTES_PER_SECOND);
    assertThat(leader.join().wholeAndRight(length)).isTrue();
    assertThat(rig.origin().gets("/joined.bin")).isEqualTo(1);
    assertPeak("200 joiners of 512 MiB");
  }

  /** What one joiner asked for and got. */
  private record Joined(long from, long to, Head head, End end, long rightBytes, Duration took) {
    boolean isRight() {
      return head.status() == 206 && end == End.WHOLE && rightBytes == to - from;
    }

    boolean isLive() {
      return head.source().equals("remote")
          && head.text("Cache-Status").equals("millrace; fwd=miss; collapsed");
    }
  }

  /** Joins once; the slow ones join early, for they have to be there to be slow. */
  private Joined join(int number, Random random, Body body) {
    boolean slow = number < SLOW_JOINERS;
    long length = body.lengthBytes();
    Await.pass(Duration.ofMillis(random.nextInt(slow ? 2000 : 7000)));
    long from = number % 16 == 0 ? 0 : random.nextLong(length - SLOW_LENGTH);
    long most = number % 3 == 0 ? length : 32 * MIB;
    boolean toTheEnd = !slow && number % 16 == 15;
    long asked = slow ? SLOW_LENGTH : toTheEnd ? length : 1 + random.nextLong(most);
    long to = Math.min(length, from + asked);
    try (RawClient client = RawClient.connect(rig.millrace().port(), slow ? 64 * 1024 : 0)) {
      long begunNanos = System.nanoTime();
      client.patience(Duration.ofMinutes(1));
      String range = "Range: bytes=" + from + "-" + (to - 1);
      Head head = client.request("GET", Rig.target("/joined.bin"), range).head();
      client.readingAt(slow ? SLOW_BYTES_PER_SECOND : 0);
      Body.Check check = body.checkFrom(from);
      End end = client.drain(head, "GET", check);
      Duration took = Duration.ofNanos(System.nanoTime() - begunNanos);
      return new Joined(from, to, head, end, check.rightBytes(), took);
    }
  }

  /**
   * Trap SL04. Each has been answered once, as clients keep them; what the kernel holds is not
   * ours.
   */
  @Test
  void tenThousandIdleConnections_costLessThan64Mebibytes() throws IOException {
    rig.origin().at("/idle.bin", Content.of("idle"));
    rig.get("/idle.bin");
    rig.awaitStored("/idle.bin");
    List<SocketChannel> idle = new ArrayList<>();
    try {
      // What the first of them cost, the others do not.
      open(idle, 500);
      double before = resident();
      open(idle, IDLE - idle.size());

      assertThat(rig.millrace().metrics().sum("millrace_connections")).isGreaterThanOrEqualTo(IDLE);
      double taken = resident() - before;
      System.out.printf("%d idle connections: %.1f MiB%n", IDLE - 500, taken / MIB);
      assertThat(taken).isLessThan(IDLE_RESIDENT_MAX);
      assertThat(rig.get("/idle.bin").text()).isEqualTo("idle");
    } finally {
      for (SocketChannel channel : idle) {
        channel.close();
      }
    }
    rig.await("they are gone", () -> rig.millrace().metrics().sum("millrace_connections") < 10);
  }

  private double resident() {
    return rig.millrace().metrics().sum("millrace_process_resident_bytes");
  }

  private void open(List<SocketChannel> idle, int count) throws IOException {
    byte[] request =
        ("GET " + Rig.target("/idle.bin") + " HTTP/1.1\r\nHost: h\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer answer = ByteBuffer.allocate(4096);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.millrace().port());
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(address);
      idle.add(channel);
      channel.write(ByteBuffer.wrap(request));
      answer.clear();
      while (!endsWithBody(answer)) {
        assertThat(channel.read(answer)).isPositive();
      }
    }
  }

  private static boolean endsWithBody(ByteBuffer answer) {
    return StandardCharsets.US_ASCII
        .decode(answer.duplicate().flip())
        .toString()
        .endsWith("\r\n\r\nidle");
  }
}
