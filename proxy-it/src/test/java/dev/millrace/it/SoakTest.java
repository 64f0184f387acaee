package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.FaultProxy;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.Metrics;
import dev.millrace.it.rig.Origin;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import dev.millrace.it.rig.Seed;
import dev.millrace.it.rig.ServerCertificate;
import dev.millrace.it.rig.Weather;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * All that goes wrong at once, for as long as {@code -Dit.soak.seconds} says: bad ways, bad
 * upstreams, clients that leave, ranges, HTTP/2, a store that is too small. Afterwards nothing is
 * left of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SoakTest {
  private static final int SECONDS = Integer.getInteger("it.soak.seconds", 12);
  private static final int CLIENTS = 8;
  private static final int PATHS = 120;
  private static final int SAMPLES = 12;
  private static final long MIB = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Also before the head was through: a reset takes along what has not left. */
  private static final Tally BROKEN = new Tally(0, 1, 0, 0);

  private final Seed seed = Seed.of("the soak");
  private final Origin origin = Origin.start();
  private final FaultProxy path = FaultProxy.before(origin.port());
  private final ServerCertificate certificate = ServerCertificate.create();
  private final List<Placed> placed = place();
  private final AtomicInteger clients = new AtomicInteger();

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=96m")
          .remote(
              "far",
              path.url() + "/base",
              "idle_timeout: 1",
              "upstream_response_header_timeout: 1",
              "negative_ttl: 1",
              "mutable_ttl: 1",
              "mutable_patterns: [\"[02468]$\"]")
          .limits("resume_wait: 3s", "segment_threshold: 64KiB")
          .settings(
              "disk_quota: 48MiB",
              "spool_max_bytes: 0",
              "body_memory: 16MiB",
              "tls:",
              "  listen: 127.0.0.1:0",
              "  certificate: \"" + certificate.file("chain.pem") + "\"",
              "  key: \"" + certificate.file("key.pem") + "\"");

  @AfterAll
  void close() {
    path.close();
    origin.close();
    certificate.close();
  }

  /** A body at the upstream; of one that lies no client may believe to have all. */
  private record Placed(String target, Body body, boolean lies) {}

  /** What clients met. */
  private record Tally(int whole, int broken, int refused, int wrong) {
    static final Tally NONE = new Tally(0, 0, 0, 0);

    Tally plus(Tally other) {
      return new Tally(
          whole + other.whole, broken + other.broken, refused + other.refused, wrong + other.wrong);
    }
  }

  private List<Placed> place() {
    Random chance = seed.random(0);
    List<Placed> all = new ArrayList<>();
    for (int i = 0; i < PATHS; i++) {
      Body body = Body.random(1 + chance.nextInt(1 << chance.nextInt(4, 22)), i);
      boolean lies = chance.nextInt(12) == 0;
      origin.at("/s" + i, lies ? lie(body) : script(chance, body));
      all.add(new Placed("/api/v1/remote/far/s" + i, body, lies));
    }
    return all;
  }

  private static Script lie(Body body) {
    return Content.of(body).ranged().with(promise(Body.random(10, body.lengthBytes())));
  }

  private static Script script(Random chance, Body body) {
    Content content = Content.of(body);
    return switch (chance.nextInt(8)) {
      case 0 -> content;
      case 1 -> content.framed(Framing.CHUNKED);
      case 2 -> content.framed(Framing.CHUNKED).etag("\"c\"");
      case 3 -> content.broken(new Fault.CutAfter(body.lengthBytes() / 2));
      case 4 -> content.broken(new Fault.WrongLength(1 + chance.nextInt(100)));
      case 5 -> chance.nextBoolean() ? Script.status(404) : Script.status(503);
      case 6 -> content.ranged().with(promise(body));
      default -> content.ranged().etag("\"" + body.lengthBytes() + "\"");
    };
  }

  private static String promise(Body body) {
    byte[] digest = HexFormat.of().parseHex(body.sha256());
    return "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }

  @Test
  void minutesOfMixedFaults_leaveNothing() {
    Metrics before = rig.millrace().metrics();
    path.weather(number -> Weather.random(seed.random(number)));
    long until = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    List<Background<Tally>> running = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      running.add(Background.start(() -> ask(until)));
    }
    List<Long> resident = sample(until);
    Tally met = running.stream().map(Background::join).reduce(Tally.NONE, Tally::plus);
    path.weather(Weather.CLEAR);

    // What a soak is run for.
    System.out.println(
        "soak of %d s: %s, %d faults on the way, resident MiB %s"
            .formatted(
                SECONDS, met, path.faults(), resident.stream().map(one -> one / MIB).toList()));
    assertThat(met.wrong).isZero();
    assertThat(met.whole).isPositive();
    assertNothingIsLeft(before);
    int third = resident.size() / 3;
    assertThat(resident.getLast())
        .as("resident memory in the end, next to a third of the time before")
        .isLessThan(resident.get(third) * 11 / 10 + 16 * MIB);
    rig.folder().checkBlobs();
  }

  private List<Long> sample(long until) {
    List<Long> resident = new ArrayList<>();
    long step = Duration.ofSeconds(SECONDS).toNanos() / SAMPLES;
    for (int i = SAMPLES - 1; i >= 0; i--) {
      long due = until - i * step;
      rig.await("sample", PATIENCE.plusSeconds(SECONDS), () -> System.nanoTime() - due >= 0);
      resident.add(rig.millrace().residentBytes());
    }
    return resident;
  }

  private void assertNothingIsLeft(Metrics before) {
    rig.await(
        "nothing runs",
        PATIENCE,
        () -> {
          Metrics now = rig.millrace().metrics();
          return now.sum("millrace_fills") == 0
              && now.sum("millrace_readers") == 0
              && now.sum("millrace_store_reserved_bytes") == 0
              && now.sum("millrace_connections") <= 1
              && now.sum("millrace_body_memory_used_bytes") == now.sum("millrace_hot_bodies_bytes");
        });
    rig.awaitIdle();
    Metrics after = rig.millrace().metrics();
    assertThat(descriptors(after)).as("descriptors").isLessThanOrEqualTo(descriptors(before) + 2);
    assertThat(after.sum("millrace_jvm_threads"))
        .as("threads")
        .isLessThanOrEqualTo(before.sum("millrace_jvm_threads") + 12);
    assertThat(after.sum("millrace_store_bytes")).isLessThanOrEqualTo(48 * MIB);
  }

  /** Those that are neither blobs nor connections, which have bounds of their own. */
  private static double descriptors(Metrics at) {
    return at.sum("millrace_process_open_fds")
        - at.sum("millrace_open_files")
        - at.sum("millrace_connections")
        - at.sum("millrace_upstream_connections");
  }

  private Tally ask(long until) {
    Random chance = seed.random(-clients.incrementAndGet());
    Tally tally = Tally.NONE;
    try (HttpClient multiplexed =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(certificate.trust())
            .build()) {
      while (System.nanoTime() - until < 0) {
        Placed one = placed.get(chance.nextInt(placed.size()));
        tally =
            tally.plus(
                switch (chance.nextInt(6)) {
                  case 0 -> askAndLeave(one, chance);
                  case 1 -> askForPart(one, chance);
                  case 2 -> askByStream(multiplexed, one);
                  default -> askForAll(one);
                });
      }
    }
    return tally;
  }

  private Tally askForAll(Placed one) {
    try (RawClient client = rig.client().patience(PATIENCE)) {
      Head head = client.request("GET", one.target).headOrNull();
      if (head == null) {
        return BROKEN;
      }
      Download got = Download.finish(client, head, one.body);
      return judge(one, got, got.wholeAndRight(one.body.lengthBytes()));
    }
  }

  private Tally askForPart(Placed one, Random chance) {
    long length = one.body.lengthBytes();
    long first = chance.nextLong(length);
    long last = first + chance.nextLong(length - first);
    try (RawClient client = rig.client().patience(PATIENCE)) {
      Head head =
          client.request("GET", one.target, "Range: bytes=" + first + "-" + last).headOrNull();
      if (head == null) {
        return BROKEN;
      }
      Download got = Download.finish(client, head, one.body);
      boolean part = got.status() == 206 && got.wholeAndRight(last - first + 1);
      return judge(one, got, part || got.wholeAndRight(length));
    }
  }

  private static Tally judge(Placed one, Download got, boolean whole) {
    if (got.status() >= 300) {
      return new Tally(0, 0, 1, 0);
    }
    // A part of a body that lies may be given away: it says nothing of the whole.
    if (whole && !(one.lies && got.status() == 200)) {
      return new Tally(1, 0, 0, 0);
    }
    if (got.end().visiblyBroken() && got.wrongAtBytes() < 0) {
      return BROKEN;
    }
    // What it was, beside the seed that brings it back.
    System.out.println("wrong: " + one.target + " " + got);
    return new Tally(0, 0, 0, 1);
  }

  private Tally askAndLeave(Placed one, Random chance) {
    try (RawClient client = rig.client().patience(PATIENCE)) {
      Head head = client.request("GET", one.target).headOrNull();
      if (head != null && chance.nextBoolean()) {
        client.drain(head, "GET", (bytes, length) -> false);
      }
      client.abort();
    }
    return Tally.NONE;
  }

  private Tally askByStream(HttpClient client, Placed one) {
    URI where = URI.create("https://127.0.0.1:" + rig.millrace().tlsPort() + one.target);
    HttpRequest request = HttpRequest.newBuilder(where).timeout(PATIENCE).build();
    try {
      HttpResponse<byte[]> got = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (got.statusCode() >= 300) {
        return new Tally(0, 0, 1, 0);
      }
      boolean right = !one.lies && Arrays.equals(got.body(), one.body.bytes());
      return new Tally(right ? 1 : 0, 0, 0, right ? 0 : 1);
    } catch (IOException _) {
      return BROKEN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
