package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ServerLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Feeds the exact bytes of a client to a decoder, whole and in pieces. */
final class Wire {
  /** What the tests smuggle behind other bytes. */
  static final String SMUGGLED = "GET /SMUGGLED HTTP/1.1\r\nHost: h\r\n\r\n";

  /** Small, so that a test reaches them with few bytes. */
  static final ServerLimits LIMITS =
      new ServerLimits(
          10,
          10,
          100,
          400,
          5,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          1024,
          1024,
          Duration.ofSeconds(5),
          Duration.ZERO,
          Long.MAX_VALUE,
          32 << 20);

  /** Inputs up to that length are split at every place, longer ones at about that many. */
  private static final int SPLITS_MAX = 400;

  private Wire() {}

  /** A head of those lines, its empty line included. */
  static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  /** The bytes of a text of which each character is one byte. */
  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** What is decoded from those pieces. */
  static List<DecodedHead> decode(ServerLimits limits, List<byte[]> pieces) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new RequestDecoder(limits, () -> {}, () -> false));
    try {
      for (byte[] piece : pieces) {
        // Exactly as long as it is, so that a read past its end fails.
        ByteBuf in = Unpooled.buffer(piece.length, piece.length).writeBytes(piece);
        channel.writeInbound(in);
      }
      channel.finish();
      List<DecodedHead> heads = new ArrayList<>();
      for (Object head = channel.readInbound(); head != null; head = channel.readInbound()) {
        heads.add((DecodedHead) head);
      }
      return heads;
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  /** What is decoded from the whole, after showing that pieces give the same. */
  static List<DecodedHead> decodeEveryWay(ServerLimits limits, String text) {
    byte[] all = bytes(text);
    List<DecodedHead> whole = decode(limits, List.of(all));
    List<byte[]> singles = new ArrayList<>(all.length);
    for (byte b : all) {
      singles.add(new byte[] {b});
    }
    assertThat(shown(decode(limits, singles))).as("byte by byte").isEqualTo(shown(whole));
    int step = Math.max(1, all.length / SPLITS_MAX);
    for (int at = 1; at < all.length; at += step) {
      List<byte[]> halves =
          List.of(Arrays.copyOf(all, at), Arrays.copyOfRange(all, at, all.length));
      assertThat(shown(decode(limits, halves))).as("split at " + at).isEqualTo(shown(whole));
    }
    return whole;
  }

  /** As text, because the fields of a request are compared in their order. */
  static List<String> shown(List<DecodedHead> heads) {
    return heads.stream().map(Wire::shown).toList();
  }

  private static String shown(DecodedHead head) {
    return switch (head) {
      case DecodedHead.Refused(var refusal) -> "refused " + refusal;
      case DecodedHead.Request request ->
          String.join(
              " ",
              request.method(),
              request.target(),
              request.keepAlive() ? "keep" : "close",
              request.chunkable() ? "1.1" : "1.0",
              request.hasBody() ? "body" : "bodyless",
              request.headers().entries().toString());
    };
  }
}
