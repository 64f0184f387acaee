package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.it.rig.Answer;
import dev.millrace.it.rig.Body;
import dev.millrace.it.rig.Content;
import dev.millrace.it.rig.Framing;
import dev.millrace.it.rig.Gate;
import dev.millrace.it.rig.Head;
import dev.millrace.it.rig.RawClient;
import dev.millrace.it.rig.Rig;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A body comes from the upstream once and from the store ever after. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FirstAndSecondGetTest {
  private static final Body BODY = Body.random(12 << 20, 1);

  @RegisterExtension final Rig rig = Rig.with();

  @Test
  void secondGet_isServedFromCache_alsoAfterARestart() {
    String path = rig.path("twelve.bin");
    rig.origin()
        .at(path, Content.of(BODY).etag("\"v1\"").with("Content-Type: application/x-thing"));

    Answer first = rig.get(path);
    rig.awaitStored(path);
    Answer second = rig.get(path);
    rig.restart();
    Answer third = rig.get(path);

    assertRight(first, "remote");
    assertRight(second, "cache");
    assertRight(third, "cache");
    assertThat(rig.origin().gets(path)).isEqualTo(1);
    for (Answer answer : new Answer[] {first, second, third}) {
      assertThat(answer.head().first("ETag")).isEqualTo("\"v1\"");
      assertThat(answer.head().first("Content-Type")).isEqualTo("application/x-thing");
      assertThat(answer.head().first("Accept-Ranges")).isEqualTo("bytes");
      assertThat(answer.head().contentLength()).isEqualTo(BODY.lengthBytes());
    }
  }

  private static void assertRight(Answer answer, String source) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head().source()).isEqualTo(source);
    assertThat(answer.whole()).isTrue();
    assertThat(answer.mismatch(BODY.bytes())).isEqualTo(-1);
  }

  @Test
  void hit_namesTheDigestAndSaysHit() {
    String path = rig.path("digest.bin");
    Body body = Body.random(100_000, 2);
    rig.origin().at(path, Content.of(body));

    Answer miss = rig.get(path);
    rig.awaitStored(path);
    Answer hit = rig.get(path);

    String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(body.sha256()));
    assertThat(miss.head().text("Cache-Status")).startsWith("millrace; fwd=miss");
    assertThat(hit.head().text("Cache-Status")).startsWith("millrace; hit");
    assertThat(hit.head().first("Repr-Digest")).isEqualTo("sha-256=:" + base64 + ":");
    assertThat(hit.head().first("ETag")).isEqualTo("\"sha256:" + body.sha256() + "\"");
  }

  @Test
  void miss_streams_whileTheUpstreamStillSends() {
    String path = rig.path("streamed.bin");
    Body body = Body.random(4 << 20, 3);
    Gate gate = new Gate(1 << 20);
    rig.origin().at(path, Content.of(body).gated(gate));

    try (RawClient client = rig.client()) {
      Head head = client.request("GET", Rig.target(path)).head();
      Body.Check check = body.checkFrom(0);
      client.drain(
          head, "GET", (bytes, n) -> check.accept(bytes, n) && check.rightBytes() < gate.atBytes());

      assertThat(head.status()).isEqualTo(200);
      assertThat(check.rightBytes()).isEqualTo(gate.atBytes());
    } finally {
      gate.release();
    }
  }

  @Test
  void miss_sendsTheHead_beforeTheFirstByteOfTheBody() {
    String path = rig.path("head-first.bin");
    Gate gate = new Gate(0);
    rig.origin().at(path, Content.of(Body.random(1000, 4)).gated(gate));

    try (RawClient client = rig.client()) {
      Head head = client.request("GET", Rig.target(path)).head();

      assertThat(head.status()).isEqualTo(200);
      assertThat(gate.isReached()).isTrue();
    } finally {
      gate.release();
    }
  }

  @Test
  void sameBytesUnderTwoPaths_areOneBlob() {
    Body body = Body.random(3 << 20, 5);
    String one = rig.path("one.bin");
    String two = rig.path("two.bin");
    rig.origin().at(one, Content.of(body)).at(two, Content.of(body).framed(Framing.CHUNKED));

    rig.get(one);
    rig.awaitStored(one);
    Answer second = rig.get(two);
    rig.awaitStored(two);

    assertThat(second.mismatch(body.bytes())).isEqualTo(-1);
    assertThat(rig.get(two).head().source()).isEqualTo("cache");
    rig.awaitIdle();
    assertThat(rig.folder().blobs()).filteredOn(blob -> blob.endsWith(body.sha256())).hasSize(1);
  }

  @Test
  void emptyBody_isStoredAndServed() {
    String path = rig.path("empty.bin");
    rig.origin().at(path, Content.of(""));

    Answer first = rig.get(path);
    rig.awaitStored(path);
    Answer second = rig.get(path);

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.body()).isEmpty();
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.head().contentLength()).isZero();
    assertThat(second.head().source()).isEqualTo("cache");
  }

  @Test
  void chunkedUpstream_isStored_andServedWithItsLength() {
    String path = rig.path("chunked.bin");
    Body body = Body.random(1_234_567, 6);
    rig.origin().at(path, Content.of(body).framed(Framing.CHUNKED));

    Answer first = rig.get(path);
    rig.awaitStored(path);
    Answer second = rig.get(path);

    assertThat(first.whole()).isTrue();
    assertThat(first.mismatch(body.bytes())).isEqualTo(-1);
    assertThat(second.mismatch(body.bytes())).isEqualTo(-1);
    assertThat(second.head().contentLength()).isEqualTo(body.lengthBytes());
  }

  @ParameterizedTest
  @EnumSource(
      value = Framing.class,
      names = {"LENGTH", "CHUNKED"})
  void upstreamThatClosesBehindItsBody_losesNothingOfIt(Framing framing) {
    Body body = Body.random(6 << 20, 7);
    Content content = Content.of(body).framed(framing).with("Connection: close");
    for (int i = 0; i < 5; i++) {
      String path = rig.path("closing.bin");
      rig.origin()
          .at(
              path,
              exchange -> {
                content.answer(exchange);
                exchange.closeAfter();
              });

      Answer first = rig.get(path);
      assertThat(first.whole()).isTrue();
      assertThat(first.mismatch(body.bytes())).isEqualTo(-1);
      rig.awaitStored(path);
    }
  }

  /** However fast a fill ends, the answer that caused it came from the upstream. */
  @Test
  void firstAnswer_ofATinyBody_alwaysSaysRemote() {
    rig.origin().otherwise(Content.of("tiny"));
    try (RawClient client = rig.client()) {
      for (int i = 0; i < 300; i++) {
        Answer answer = client.get(Rig.target("/tiny/" + i));
        assertThat(answer.head().source()).as("request " + i).isEqualTo("remote");
        assertThat(answer.head().text("Cache-Status")).startsWith("millrace; fwd=miss");
      }
    }
  }

  @Test
  void clientNoCache_doesNotDefeatTheCache() {
    String path = rig.path("no-cache.bin");
    rig.origin().at(path, Content.of("stays"));

    rig.get(path, "Cache-Control: no-cache", "Pragma: no-cache");
    rig.awaitStored(path);
    Answer second = rig.get(path, "Cache-Control: no-cache, no-store", "Pragma: no-cache");

    assertThat(second.head().source()).isEqualTo("cache");
    assertThat(rig.origin().gets(path)).isEqualTo(1);
  }

  @Test
  void keepAlive_servesManyRequestsOnOneConnection_pipelinedToo() {
    String path = rig.path("kept.bin");
    rig.origin().at(path, Content.of("kept"));
    rig.get(path);
    rig.awaitStored(path);

    try (RawClient client = rig.client()) {
      for (int i = 0; i < 50; i++) {
        assertThat(client.get(Rig.target(path)).text()).isEqualTo("kept");
      }
      for (int i = 0; i < 20; i++) {
        client.request("GET", Rig.target(path));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(client.read("GET").text()).isEqualTo("kept");
      }
    }
  }

  @Test
  void http10Client_getsAChunkedUpstreamBody_withoutChunks() {
    String path = rig.path("ten.bin");
    Body body = Body.random(300_000, 9);
    rig.origin().at(path, Content.of(body).framed(Framing.CHUNKED));

    try (RawClient client = rig.client()) {
      client.send("GET " + Rig.target(path) + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
      Answer answer = client.read("GET");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.head().has("Transfer-Encoding")).isFalse();
      assertThat(answer.mismatch(body.bytes())).isEqualTo(-1);
    }
  }

  @Test
  void unknownRemote_is404_withoutAskingAnybody() {
    String path = rig.path("unknown-remote.bin");

    Answer unknown = rig.getTarget("/api/v1/remote/nosuch" + path);

    assertThat(unknown.status()).isEqualTo(404);
    assertThat(rig.origin().gets(path)).isZero();
  }
}
