package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.BesideOthers;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Download;
import dev.millrace.it.rig.End;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.LogLine;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients and upstreams that take their time (traps SL03, SL05 to SL07 and SL13). */
@BesideOthers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SlowPeersTest {
  private static final long MIB = 1 << 20;
  private static final int TRICKLING_CLIENTS = 200;

  @RegisterExtension
  final Rig rig =
      Rig.with("upstream_response_header_timeout: 1", "idle_timeout: 2", "max_connections: 2")
          .limits(
              "client_write_timeout: 3s",
              "client_min_rate: 1KiB",
              "origin_min_rate: 1KiB",
              "resume_wait: 200ms",
              "keep_alive_timeout: 60s")
          .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=64m");

  /** One byte a second is what a limit on idle connections takes for life. */
  @Test
  void sl03_clientsThatReadAByteASecond_costNoMemory_areEnded_andTheFetchRunsOn() {
    Body body = Body.random(128 * MIB, 121);
    rig.origin().at("/sl03-alone.bin", Content.of(body)).at("/sl03.bin", Content.of(body));
    Duration alone = Await.time(() -> readAll("/sl03-alone.bin", body));
    long before = rig.millrace().residentBytes();
    long sockets = rig.millrace().sockets();
    List<RawClient> clients = new ArrayList<>();
    List<Background<End>> ends = new ArrayList<>();
    try {
      for (int i = 0; i < TRICKLING_CLIENTS; i++) {
        RawClient client = RawClient.connect(rig.millrace().port(), 16 * 1024);
        clients.add(client);
        ends.add(Background.start(() -> trickle(client, body)));
      }
      Duration beside = Await.time(() -> readAll("/sl03.bin", body));
      System.out.println("alone " + alone + ", beside 200 trickling readers " + beside);

      assertThat(beside).isLessThan(alone.multipliedBy(3).plusSeconds(2));
      rig.await("trickling clients are ended", () -> rig.millrace().sockets() <= sockets + 2);
      assertThat(rig.millrace().peakResidentBytes() - before).isLessThan(96 * MIB);
      rig.await("each has its line", () -> cutOff("/sl03.bin") == TRICKLING_CLIENTS);
    } finally {
      clients.forEach(RawClient::abort);
      ends.forEach(Background::join);
    }
    assertThat(rig.origin().gets("/sl03.bin")).isEqualTo(1);
  }

  private long cutOff(String path) {
    return LogLine.all(rig.millrace().output()).stream()
        .filter(line -> line.text("path").equals(Rig.target(path)))
        .filter(line -> line.text("outcome").equals("aborted-client"))
        .count();
  }

  private static End trickle(RawClient client, Body body) {
    Head head = client.request("GET", Rig.target("/sl03.bin")).head();
    return client.readingAt(1).drain(head, "GET", body.checkFrom(0));
  }

  private void readAll(String path, Body body) {
    try (RawClient client = rig.client()) {
      Download got = Download.get(client, Rig.target(path), body);
      assertThat(got.wholeAndRight(body.lengthBytes())).as(got.toString()).isTrue();
    }
  }

  @Test
  void slowButSteadyReader_isNotEnded() {
    Body body = Body.random(2 * MIB, 122);
    rig.origin().at("/steady.bin", Content.of(body));
    rig.get("/steady.bin");
    rig.awaitStored("/steady.bin");

    try (RawClient client = RawClient.connect(rig.millrace().port(), 16 * 1024)) {
      client.readingAt(256 * 1024);
      Download got = Download.get(client, Rig.target("/steady.bin"), body);

      assertThat(got.wholeAndRight(body.lengthBytes())).as(got.toString()).isTrue();
    }
  }

  @Test
  void sl05_upstreamThatSaysNothing_is504_andItsPoolSlotIsFreed() {
    String other = rig.path("after");
    rig.origin().at(other, Content.of("free again"));
    for (int i = 0; i < 3; i++) {
      String path = rig.path("SL05");
      rig.origin().at(path, Script.silence());
      Duration took = Await.time(() -> assertThat(rig.get(path).status()).isEqualTo(504));
      assertThat(took).isBetween(Duration.ofMillis(800), Duration.ofSeconds(5));
    }

    assertThat(rig.get(other).text()).isEqualTo("free again");
  }

  @ParameterizedTest
  @EnumSource(
      value = Framing.class,
      names = {"LENGTH", "CHUNKED"})
  void sl06_upstreamThatStallsMidBody_isAbortedAtTheIdleLimit(Framing framing) {
    String path = rig.path("SL06");
    Content stalls = Content.of(Body.random(MIB, 123)).framed(framing);
    rig.origin().at(path, stalls.broken(new Fault.Stall(MIB / 2)));

    Answer answer = rig.get(path);

    assertThat(answer.end().visiblyBroken()).as(answer.toString()).isTrue();
    rig.awaitIdle();
    rig.origin().at(path, Content.of("clean"));
    assertThat(rig.get(path).text()).isEqualTo("clean");
  }

  @Test
  void sl07_upstreamThatTrickles_isEndedByTheMinimumRate() {
    String path = rig.path("SL07");
    rig.origin().at(path, Content.of(Body.random(MIB, 124)).broken(new Fault.SlowBytes(20)));

    Background<Answer> answer = Background.start(() -> rig.get(path));
    rig.await("the trickle is ended", Duration.ofSeconds(12), answer::isDone);

    assertThat(answer.join().end().visiblyBroken()).as(answer.join().toString()).isTrue();
    rig.awaitIdle();
  }

  @Test
  void upstreamAboveTheMinimumRate_mayTakeItsTime() {
    String path = rig.path("slow-enough");
    Body body = Body.random(256 * 1024, 125);
    rig.origin().at(path, Content.of(body).broken(new Fault.SlowBytes(64 * 1024)));

    assertThat(rig.get(path).mismatch(body.bytes())).isEqualTo(-1);
  }

  @Test
  void sl13_codedBody_isPassedThroughAsItIs() throws IOException {
    String path = rig.path("SL13.gz");
    byte[] coded = gzipOfZeros(64 * MIB);
    rig.origin().at(path, Content.of(Body.of(coded)).with("Content-Encoding: gzip"));

    Answer miss = rig.get(path);
    rig.awaitStored(path);
    Answer hit = rig.get(path, "Accept-Encoding: identity");

    for (Answer answer : List.of(miss, hit)) {
      assertThat(answer.head().all("Content-Encoding")).containsExactly("gzip");
      assertThat(answer.end()).isEqualTo(End.WHOLE);
      assertThat(answer.mismatch(coded)).isEqualTo(-1);
    }
  }

  private static byte[] gzipOfZeros(long length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] zeros = new byte[(int) MIB];
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      for (long done = 0; done < length; done += MIB) {
        gzip.write(zeros);
      }
    }
    return bytes.toByteArray();
  }
}
