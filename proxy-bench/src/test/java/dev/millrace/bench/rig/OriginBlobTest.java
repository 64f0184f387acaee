package dev.millrace.bench.rig;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The origin is a registry, as far as a pull-through cache of blobs asks. */
final class OriginBlobTest {
  private static final String BODY = "/b/100/x";

  @TempDir Path folder;
  private final OriginStats.Counter stats = new OriginStats.Counter();
  private EmbeddedChannel channel;
  private String blob;

  @BeforeEach
  void open() throws IOException {
    BaseBody base = BaseBody.create(folder.resolve("base"), 1 << 16);
    OriginDigests digests = new OriginDigests(base);
    blob = "/v2/bench/blobs/sha256:" + digests.prepare(BODY);
    channel = new EmbeddedChannel(new OriginHandler(base, stats, digests));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void blob_isTheBodyOfItsDigest() {
    String asBlob = ask("GET " + blob);
    String asBody = ask("GET " + BODY);

    assertThat(asBlob)
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("Content-Length: 100\r\n")
        .isEqualTo(asBody);
    assertThat(stats.read().paths().get(BODY)).isEqualTo(new OriginStats.PathStats(2, 200));
  }

  @Test
  void headOfABlob_saysItsLengthAndNoMore() {
    assertThat(ask("HEAD " + blob)).contains("Content-Length: 100\r\n").endsWith("\r\n\r\n");
    assertThat(stats.read().bodyBytes()).isZero();
  }

  @Test
  void registry_saysThatItIsOneOnAConnectionThatStays() {
    assertThat(ask("GET /v2/")).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(channel.isOpen()).isTrue();
    assertThat(stats.read().requests()).isZero();
  }

  @Test
  void unknownBlob_isNotFound() {
    assertThat(ask("GET /v2/bench/blobs/sha256:00")).startsWith("HTTP/1.1 404 Not Found\r\n");
  }

  private String ask(String line) {
    String text = line + " HTTP/1.1\r\nHost: origin\r\n\r\n";
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    StringBuilder answer = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      answer.append(part.toString(StandardCharsets.ISO_8859_1));
      part.release();
    }
    return answer.toString();
  }
}
