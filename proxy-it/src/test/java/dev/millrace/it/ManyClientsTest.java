package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.Metrics;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Very many clients at once, patient and impatient (traps SL08, SL10 and SL12). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ManyClientsTest {
  private static final int CLIENTS = 1000;

  /** Of the clients of the large object; the others read a part of it each. */
  private static final int WHOLE_READERS = 40;

  private static final int PART_BYTES = 1 << 20;
  private static final long MEMORY_MAX = 256L << 20;

  /** Idle connections to the upstream that may be kept. */
  private static final int SLACK = 45;

  @RegisterExtension final Rig rig = Rig.with().jvm("-Xmx128m", "-XX:MaxDirectMemorySize=100m");

  /**
   * Forty read the whole of it and the rest a mebibyte each, 5 GiB together: a thousand times the
   * whole would be 100 GiB, a minute and more of two cores for client and product. The upstream is
   * held until half of the clients have their heads, so that these at least join the fill.
   */
  @Test
  void sl08_thousandClients_ofOneColdObject_causeOneFetch_andGetTheRightBytes() {
    Body body = Body.random(100 << 20, 131);
    Gate gate = new Gate(body.lengthBytes() / 2);
    rig.origin().at("/sl08.bin", Content.of(body).gated(gate));
    Seed seed = Seed.of("the parts");
    AtomicInteger heads = new AtomicInteger();
    List<Background<Boolean>> clients = new ArrayList<>();

    for (int i = 0; i < CLIENTS; i++) {
      long from = seed.random(i).nextLong(body.lengthBytes() - PART_BYTES);
      long bytes = i < WHOLE_READERS ? body.lengthBytes() : PART_BYTES;
      String range = i < WHOLE_READERS ? "Range: bytes=0-" : range(from, bytes);
      clients.add(Background.start(() -> isRight("/sl08.bin", body, range, bytes, heads)));
    }
    rig.await(
        "half of the clients joined", Duration.ofMinutes(1), () -> heads.get() >= CLIENTS / 2);
    double memory = heapAndDirectBytes();
    gate.release();
    rig.await(
        "all clients are done",
        Duration.ofMinutes(2),
        () -> clients.stream().allMatch(Background::isDone));

    assertThat(clients).allMatch(Background::join);
    assertThat(rig.origin().gets("/sl08.bin")).isEqualTo(1);
    assertThat(Math.max(memory, heapAndDirectBytes())).isLessThan(MEMORY_MAX);
    System.out.println(
        "peak resident memory, 1,000 clients: "
            + (rig.millrace().peakResidentBytes() >> 20)
            + " MiB");
    assertThat(rig.millrace().peakResidentBytes()).isLessThan(320L << 20);
  }

  private static String range(long from, long bytes) {
    return "Range: bytes=" + from + "-" + (from + bytes - 1);
  }

  private double heapAndDirectBytes() {
    Metrics now = rig.millrace().metrics();
    return now.sum("millrace_jvm_heap_used_bytes") + now.sum("millrace_jvm_direct_used_bytes");
  }

  private boolean isRight(
      String path, Body body, String fieldLine, long bytes, AtomicInteger heads) {
    try (RawClient client = rig.client().patience(Duration.ofMinutes(2))) {
      Head head = client.request("GET", Rig.target(path), fieldLine).head();
      heads.incrementAndGet();
      return Download.finish(client, head, body).wholeAndRight(bytes);
    }
  }

  private boolean isRight(String path, Body body) {
    try (RawClient client = rig.client().patience(Duration.ofMinutes(2))) {
      Download got = Download.get(client, Rig.target(path), body);
      return got.status() == 200 && got.wholeAndRight(body.lengthBytes());
    }
  }

  @Test
  void sl10_thousandRequests_abortedAtRandomBytes_leaveNothingBehind() {
    Seed seed = Seed.of("the aborts");
    Body body = Body.random(1 << 20, 132);
    rig.origin().otherwise(Content.of(body));
    rig.get("/sl10-warm.bin");
    rig.awaitIdle();
    long sockets = rig.millrace().sockets();

    List<Boolean> wrong =
        Background.all(CLIENTS, i -> () -> abortSomewhere(i, seed.random(i), body));

    assertThat(wrong).containsOnly(false);
    rig.await("no socket is left", () -> rig.millrace().sockets() <= sockets + SLACK);
    rig.awaitIdle();
    rig.await(
        "no staged file is open",
        () -> rig.millrace().descriptors().stream().noneMatch(d -> d.contains("/spool/")));
    assertThat(isRight("/sl10/1", body)).isTrue();
  }

  /** Whether a wrong byte was seen before the abort. */
  private boolean abortSomewhere(int number, Random random, Body body) {
    RawClient client = rig.client();
    int until = random.nextInt(1 << 20);
    client.request("GET", Rig.target("/sl10/" + number % 60));
    Body.Check check = body.checkFrom(0);
    if (until % 10 != 0) {
      Head head = client.headOrNull();
      if (head != null && head.status() == 200) {
        client.drain(
            head, "GET", (bytes, n) -> check.accept(bytes, n) && check.rightBytes() < until);
      }
    }
    client.abort();
    return check.wrongAtBytes() >= 0;
  }

  @Test
  void sl12_halfClosedAndResetConnections_leaveNoChannelAndNoBusyLoop() {
    Body body = Body.random(300_000, 133);
    rig.origin().at("/sl12.bin", Content.of(body));
    assertThat(isRight("/sl12.bin", body)).isTrue();
    rig.awaitStored("/sl12.bin");
    long sockets = rig.millrace().sockets();
    List<RawClient> clients = new ArrayList<>();

    for (int i = 0; i < CLIENTS; i++) {
      RawClient client = rig.client();
      if (i % 3 != 0) {
        client.request("GET", Rig.target("/sl12.bin"));
      }
      client.halfClose();
      clients.add(client);
      if (i % 2 == 0) {
        client.abort();
      }
    }
    clients.forEach(RawClient::abort);

    rig.await("no socket is left", () -> rig.millrace().sockets() <= sockets + SLACK);
    Duration before = rig.millrace().cpuTime();
    Await.pass(Duration.ofSeconds(2));
    assertThat(rig.millrace().cpuTime().minus(before)).isLessThan(Duration.ofMillis(500));
    assertThat(isRight("/sl12.bin", body)).isTrue();
  }
}
