package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Await;
import dev.millrace.it.rig.Background;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Fault;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Metrics;
import dev.millrace.it.rig.RawHttp2;
import dev.millrace.it.rig.RawHttp2.Frame;
import dev.millrace.it.rig.Rig;
import dev.millrace.it.rig.Run;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that speak HTTP/2 by TLS get what the others get (SL11, D08 to D11). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http2Test {
  private static final Body BODY = Body.random(20 << 20, 98);
  private static final int WRITE_TIMEOUT_SECONDS = 2;
  private static final int INITIAL_WINDOW = 4;
  private static final int REFUSED_STREAM = 7;

  @RegisterExtension
  final Rig rig =
      Rig.with("idle_timeout: 10")
          .limits(
              "resume_wait: 200ms",
              "client_write_timeout: " + WRITE_TIMEOUT_SECONDS + "s",
              "header_read_timeout: 2s",
              "keep_alive_timeout: 3s")
          .settings("body_memory: 16MiB")
          .tls();

  private HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_2)
        .sslContext(rig.certificate().trust())
        .build();
  }

  private HttpRequest.Builder ask(String path) {
    return HttpRequest.newBuilder(
        URI.create("https://127.0.0.1:" + rig.millrace().tlsPort() + Rig.target(path)));
  }

  private static HttpResponse<byte[]> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    return answer;
  }

  private static String source(HttpResponse<?> answer) {
    return answer.headers().firstValue("X-Artifact-Source").orElse("none");
  }

  @ParameterizedTest
  @EnumSource
  void missHitRangeHeadAndCondition_areAnsweredAsByHttp1(Framing framing) throws Exception {
    String path = rig.path("two.bin");
    rig.origin().at(path, Content.of(BODY).framed(framing).etag("\"a\""));
    byte[] whole = BODY.slice(0, (int) BODY.lengthBytes());
    try (HttpClient client = client()) {
      assertThat(Arrays.mismatch(send(client, ask(path)).body(), whole)).isEqualTo(-1);
      if (framing == Framing.CLOSE) {
        // Not kept, for nothing proves it.
        return;
      }
      rig.awaitStored(path);

      HttpResponse<byte[]> hit = send(client, ask(path));

      assertThat(source(hit)).isEqualTo("cache");
      assertThat(hit.headers().firstValue("Content-Length")).contains("" + BODY.lengthBytes());
      assertThat(hit.headers().firstValue("Date")).isPresent();
      assertThat(Arrays.mismatch(hit.body(), whole)).isEqualTo(-1);
      HttpResponse<byte[]> part = send(client, ask(path).header("Range", "bytes=5000000-5000099"));
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(BODY.slice(5_000_000, 100));
      assertThat(send(client, ask(path).HEAD()).headers().firstValue("Content-Length"))
          .contains("" + BODY.lengthBytes());
      assertThat(send(client, ask(path).header("If-None-Match", "\"a\"")).statusCode())
          .isEqualTo(304);
      assertThat(send(client, ask(path).DELETE()).statusCode()).isEqualTo(405);
      assertThat(send(client, ask("/none.bin")).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void requestWithABody_isRefused_andTheConnectionGoesOn() throws Exception {
    String path = rig.path("after.bin");
    rig.origin().at(path, Content.of("after"));
    try (HttpClient client = client()) {
      HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofByteArray(new byte[10]);
      assertThat(send(client, ask(path).method("GET", body)).statusCode()).isEqualTo(400);
      assertThat(send(client, ask(path)).body())
          .isEqualTo("after".getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void manyStreams_shareOneFetch() throws Exception {
    String path = rig.path("shared.bin");
    rig.origin().at(path, Content.of(BODY));
    byte[] whole = BODY.slice(0, (int) BODY.lengthBytes());
    try (HttpClient client = client()) {
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(client.sendAsync(ask(path).build(), HttpResponse.BodyHandlers.ofByteArray()));
      }
      for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
        assertThat(Arrays.mismatch(answer.get().body(), whole)).isEqualTo(-1);
      }
    }
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void brokenBody_isReset_andItsConnectionGoesOn() {
    String path = rig.path("broken.bin");
    rig.origin().at(path, Content.of(BODY).broken(new Fault.CutAfter(3 << 20)));
    String good = rig.path("good.bin");
    rig.origin().at(good, Content.of("good"));
    try (RawHttp2 client = rig.http2()) {
      client.get(1, Rig.target(path));
      assertThat(client.body(1)).as("a whole body").isNull();

      client.get(3, Rig.target(good));
      assertThat(client.body(3)).isEqualTo("good".getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Ninety streams with nothing to read into hold no memory and keep nobody waiting. */
  @Test
  void streamsWithoutAWindow_costNoMemory_andAreResetForTheirSlowness() {
    String path = rig.path("window.bin");
    rig.origin().at(path, Content.of(BODY));
    rig.get(path);
    rig.awaitStored(path);
    String small = rig.path("small.bin");
    rig.origin().at(small, Content.of("small"));
    try (RawHttp2 client = rig.http2(INITIAL_WINDOW, 0)) {
      for (int i = 0; i < 90; i++) {
        client.get(2 * i + 1, Rig.target(path));
      }
      client.get(181, Rig.target(small));
      assertThat(client.awaitHead(181).status()).isEqualTo("200");
      assertThat(heldBytes()).isLessThanOrEqualTo(4 * (128 << 10));
      client.grant(181, 100);
      assertThat(client.awaitEndOf(181).ends()).isTrue();

      Frame first = client.await(frame -> frame.type() == RawHttp2.RST_STREAM);
      assertThat(first.stream()).isLessThan(181);
    }
    rig.await("nothing is held", () -> heldBytes() == 0);
  }

  /** What is in memory for clients, without what is there for all of them. */
  private double heldBytes() {
    Metrics metrics = rig.millrace().metrics();
    return metrics.sum("millrace_body_memory_used_bytes")
        - metrics.sum("millrace_hot_bodies_bytes");
  }

  /** A byte at a time is read slowly, not by the whole file into memory. */
  @Test
  void tinyWindows_areServedAFewAtATime() {
    String path = rig.path("tiny.bin");
    Body body = Body.random(300_000, 5);
    rig.origin().at(path, Content.of(body));
    rig.get(path);
    rig.awaitStored(path);
    try (RawHttp2 client = rig.http2(INITIAL_WINDOW, 1_000)) {
      client.get(1, Rig.target(path));
      assertThat(client.body(1)).isEqualTo(body.bytes());
    }
  }

  /** Each has had what it has room for, and keeps no place. */
  @Test
  void streamsThatStandStill_keepNoOtherWaiting_andTheirHeadsCome() {
    String path = rig.path("paused.bin");
    rig.origin().at(path, Content.of(BODY));
    rig.get(path);
    rig.awaitStored(path);
    try (RawHttp2 client = rig.http2().grant(0, 1 << 30)) {
      for (int stream = 1; stream < 21; stream += 2) {
        client.get(stream, Rig.target(path));
        assertThat(client.awaitHead(stream).status()).isEqualTo("200");
      }
      client.settings(INITIAL_WINDOW, 32 << 20);
      client.get(21, Rig.target(path));
      assertThat(client.body(21)).hasSize((int) BODY.lengthBytes());
    }
  }

  @Test
  void headOfAFile_comesBeforeTheWindowOpens() {
    String path = rig.path("head.bin");
    rig.origin().at(path, Content.of(BODY));
    rig.get(path);
    rig.awaitStored(path);
    try (RawHttp2 client = rig.http2(INITIAL_WINDOW, 0).grant(0, 64 << 20)) {
      client.get(1, Rig.target(path));
      assertThat(client.awaitHead(1).status()).isEqualTo("200");
      client.grant(1, 64 << 20);
      assertThat(client.body(1)).hasSize((int) BODY.lengthBytes());
    }
  }

  /** It takes a place no longer than a head may take to come. */
  @Test
  void requestThatIsNeverEnded_isReset() {
    byte[] fields =
        RawHttp2.block(
            ":method", "GET", ":scheme", "https", ":authority", "h", ":path", Rig.target("/x"));
    try (RawHttp2 client = rig.http2()) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, fields);
      assertThat(client.awaitHead(1).status()).isEqualTo("408");
      Frame reset = client.await(frame -> frame.type() == RawHttp2.RST_STREAM);
      assertThat(reset.error()).isZero();
    }
  }

  @Test
  void moreStreamsThanAllowed_areRefused() {
    String path = rig.path("held.bin");
    Gate gate = new Gate(0);
    rig.origin().at(path, Content.of(BODY).gated(gate));
    try (RawHttp2 client = rig.http2()) {
      for (int i = 0; i < 110; i++) {
        client.get(2 * i + 1, Rig.target(path));
      }
      Frame refused = client.await(frame -> frame.type() == RawHttp2.RST_STREAM);
      assertThat(refused.error()).isEqualTo(REFUSED_STREAM);
    }
    gate.release();
  }

  @Test
  void connectionWithoutAStream_isSaidGoodbyeTo() {
    try (RawHttp2 client = rig.http2()) {
      Frame goodbye = client.await(frame -> frame.type() == RawHttp2.GOAWAY);
      assertThat(goodbye.isClose()).isFalse();
      assertThat(goodbye.error()).isZero();
      assertThat(client.await(frame -> false).isClose()).isTrue();
    }
  }

  @Test
  void clientThatLeaves_isNotMissed() {
    String path = rig.path("left.bin");
    Gate gate = new Gate(1 << 20);
    rig.origin().at(path, Content.of(BODY).gated(gate));
    try (RawHttp2 client = rig.http2()) {
      client.get(1, Rig.target(path));
      assertThat(client.awaitHead(1).status()).isEqualTo("200");
      gate.awaitReached();
    }
    gate.release();
    rig.awaitStored(path);
    Await.until(
        "no connection is left",
        Await.LIMIT,
        () -> rig.millrace().metrics().sum("millrace_connections") <= 1,
        rig::dump);
  }

  @Test
  void drain_letsStreamsFinish() {
    String path = rig.path("drain.bin");
    Gate gate = new Gate(1 << 20);
    rig.origin().at(path, Content.of(BODY).gated(gate));
    try (RawHttp2 client = rig.http2(INITIAL_WINDOW, 64 << 20).grant(0, 64 << 20)) {
      client.get(1, Rig.target(path));
      gate.awaitReached();
      Background<Boolean> stopped =
          Background.start(() -> {
            rig.restart();
            return true;
          });
      client.await(frame -> frame.type() == RawHttp2.GOAWAY);
      gate.release();
      assertThat(client.body(1)).isNotNull();
      assertThat(stopped.join()).isTrue();
    }
  }

  @Test
  void curl_speaksIt() {
    String path = rig.path("curl.bin");
    rig.origin().at(path, Content.of("by curl"));
    Run run =
        Run.program(
            List.of(
                "curl",
                "-sS",
                "--http2",
                "--cacert",
                rig.certificate().file("ca.pem").toString(),
                "-w",
                " %{http_version} %{response_code}",
                "https://127.0.0.1:" + rig.millrace().tlsPort() + Rig.target(path)),
            null,
            Map.of(),
            Duration.ofSeconds(20));
    assertThat(run.output()).isEqualTo("by curl 2 200");
  }
}
