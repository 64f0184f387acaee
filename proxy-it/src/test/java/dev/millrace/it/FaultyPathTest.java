package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.FaultProxy;
import dev.millrace.it.rig.Origin;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Seed;
import dev.millrace.it.rig.Weather;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The way between Millrace and its upstream is bad in every way that TCP knows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultyPathTest {
  private static final Body BODY = Body.random(3 << 20, 71);
  private static final long MIB = 1 << 20;
  private static final int CLIENTS = 8;
  private static final int REQUESTS = 25;
  private static final String[] VALIDATORS = {"ETag: \"e\"", "Repr-Digest: "};

  private final Origin origin = Origin.start();
  private final FaultProxy path = FaultProxy.before(origin.port());
  private final AtomicInteger paths = new AtomicInteger();

  @RegisterExtension
  final Rig rig =
      Rig.with()
          .remote(
              "far", path.url() + "/base", "idle_timeout: 1", "upstream_response_header_timeout: 1")
          .limits("resume_wait: 10s");

  @AfterEach
  void clearUp() {
    path.weather(Weather.CLEAR);
  }

  @AfterAll
  void close() {
    path.close();
    origin.close();
  }

  /** What happens to the first connection of a fetch; the further ones are clear. */
  record Case(String name, Weather weather) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> weathers() {
    Weather clear = Weather.CLEAR;
    return Stream.of(
        new Case("late", clear.latency(2)),
        new Case("slow", clear.rate(8 * MIB)),
        new Case("closed", clear.until(MIB, Weather.End.CLOSE)),
        new Case("reset", clear.until(MIB, Weather.End.RESET)),
        new Case("half closed", clear.until(MIB, Weather.End.HALF_CLOSE)),
        new Case("silent", clear.until(MIB, Weather.End.SILENCE)),
        new Case("late, slow and reset", clear.latency(1).rate(MIB).until(MIB, Weather.End.RESET)));
  }

  private String place(Content content) {
    String at = "/f" + paths.incrementAndGet();
    origin.at(at, content);
    return at;
  }

  /** The same by an upstream that keeps no connection, so that each fetch has its own weather. */
  private String placeAlone(Content content) {
    String at = place(content);
    origin.at(
        at,
        exchange -> {
          content.answer(exchange);
          exchange.closeAfter();
        });
    return at;
  }

  private Download get(String at, Body body) {
    try (RawClient client = rig.client()) {
      return Download.get(client, "/api/v1/remote/far" + at, body);
    }
  }

  @ParameterizedTest
  @MethodSource("weathers")
  void firstConnectionBreaks_theBodyIsWhole(Case met) {
    String at = place(Content.of(BODY).etag("\"e\"").ranged());
    int before = path.connections();
    origin.dropConnections();
    path.weather(number -> number == before + 1 ? met.weather() : Weather.CLEAR);

    assertThat(get(at, BODY).wholeAndRight(BODY.lengthBytes())).isTrue();
  }

  /**
   * Accepted, and nothing ever said: the limit of the head, and then nothing is there to resume.
   */
  @Test
  void mutePath_is504_andThenClear() {
    String at = place(Content.of(BODY).etag("\"e\"").ranged());
    origin.dropConnections();
    path.weather(Weather.MUTE);

    assertThat(get(at, BODY).status()).isEqualTo(504);
    path.weather(Weather.CLEAR);
    assertThat(get(at, BODY).wholeAndRight(BODY.lengthBytes())).isTrue();
  }

  /** The upstream restarts in the middle of a body. */
  @Test
  void upstreamDownForASecond_theBodyIsWhole() {
    String at = place(Content.of(BODY).etag("\"e\"").ranged());
    origin.dropConnections();
    path.weather(number -> Weather.CLEAR.rate(2 * MIB).until(MIB, Weather.End.RESET));
    Background<Download> client = Background.start(() -> get(at, BODY));
    long faults = path.faults();
    Await.until("the break", Await.LIMIT, () -> path.faults() > faults, () -> rig.dump());
    path.down();
    path.weather(Weather.CLEAR);
    Await.pass(Duration.ofSeconds(1));
    path.up();

    assertThat(client.join().wholeAndRight(BODY.lengthBytes())).isTrue();
  }

  /** A bit is turned where no checksum of TCP sees it: first, middle, last byte. */
  @Test
  void turnedBit_underAPromisedDigest_neverLooksComplete() {
    Content promised = Content.of(BODY).with(reprDigest(BODY)).ranged();
    for (long offset : new long[] {300, MIB, BODY.lengthBytes() - 1, BODY.lengthBytes() + 100}) {
      String at = place(promised);
      origin.dropConnections();
      path.weather(Weather.CLEAR.corrupt(offset));

      // Read to its end whatever comes: a client that knows better would stop at the bit.
      Answer got = rig.getTarget("/api/v1/remote/far" + at);

      assertThat(got.status() == 200 && got.whole()).as("byte " + offset + ": " + got).isFalse();
      rig.awaitIdle();
      path.weather(Weather.CLEAR);
      origin.dropConnections();
      Download clear = get(at, BODY);
      assertThat(clear.wholeAndRight(BODY.lengthBytes()))
          .as("after byte " + offset + ": " + clear)
          .isTrue();
    }
    rig.folder().checkBlobs();
  }

  private static String reprDigest(Body body) {
    byte[] digest = HexFormat.of().parseHex(body.sha256());
    return "Repr-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }

  /** What one client met. */
  private record Tally(int whole, int broken, int wrong) {
    Tally plus(Tally other) {
      return new Tally(whole + other.whole, broken + other.broken, wrong + other.wrong);
    }
  }

  /** Bodies of all lengths, each through weather of its own: none is wrong, none is torn. */
  @Test
  void randomWeather_noBodyIsWrong() {
    Seed seed = Seed.of("the weather");
    Random chance = seed.random(0);
    List<Body> bodies = new ArrayList<>();
    List<String> at = new ArrayList<>();
    for (int i = 0; i < CLIENTS * REQUESTS / 2; i++) {
      Body body = Body.random(1 + chance.nextInt(1 << chance.nextInt(4, 22)), i);
      Content content = Content.of(body).ranged();
      String validator = VALIDATORS[chance.nextInt(VALIDATORS.length)];
      bodies.add(body);
      at.add(placeAlone(content.with(validator.endsWith(": ") ? reprDigest(body) : validator)));
    }
    long faults = path.faults();
    path.weather(number -> Weather.random(seed.random(number)));
    List<Background<Tally>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Random choice = seed.random(-1 - i);
      clients.add(Background.start(() -> ask(bodies, at, choice)));
    }
    Tally met = clients.stream().map(Background::join).reduce(new Tally(0, 0, 0), Tally::plus);
    // The count of what was served and broken is what this test is asked for.
    System.out.println(
        met.whole
            + " bodies whole, "
            + met.broken
            + " visibly broken, "
            + met.wrong
            + " wrong or truncated, by "
            + (path.faults() - faults)
            + " faults");

    assertThat(met.wrong).isZero();
    assertThat(met.whole).isPositive();
    assertThat(path.faults()).isGreaterThan(faults);
    path.weather(Weather.CLEAR);
    origin.dropConnections();
    for (int i = 0; i < bodies.size(); i++) {
      assertThat(get(at.get(i), bodies.get(i)).wholeAndRight(bodies.get(i).lengthBytes())).isTrue();
    }
    rig.awaitIdle();
    rig.folder().checkBlobs();
  }

  private Tally ask(List<Body> bodies, List<String> at, Random choice) {
    Tally tally = new Tally(0, 0, 0);
    for (int i = 0; i < REQUESTS; i++) {
      int which = choice.nextInt(bodies.size());
      Download got = get(at.get(which), bodies.get(which));
      boolean refused = got.status() != 200;
      if (!refused && got.wholeAndRight(bodies.get(which).lengthBytes())) {
        tally = tally.plus(new Tally(1, 0, 0));
      } else if (refused || (got.end().visiblyBroken() && got.wrongAtBytes() < 0)) {
        tally = tally.plus(new Tally(0, 1, 0));
      } else {
        // What it was, beside the seed that brings it back.
        System.out.println("wrong: " + at.get(which) + " " + got);
        tally = tally.plus(new Tally(0, 0, 1));
      }
    }
    return tally;
  }
}
