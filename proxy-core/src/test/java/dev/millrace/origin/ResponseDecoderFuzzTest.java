package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.origin.ResponseDecoder.Defect;
import dev.millrace.origin.ResponseDecoder.Head;
import dev.millrace.origin.ResponseDecoder.Mark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whatever bytes an upstream sends, they are read alike whole and in pieces, a defect is the last
 * that is read, and no body has more than was declared.
 */
final class ResponseDecoderFuzzTest {

  @FuzzTest
  void bytes_haveOneReading(byte[] data) {
    List<String> whole = read(List.of(data));

    assertThat(read(singles(data))).isEqualTo(whole);
    int half = data.length / 2;
    assertThat(
            read(List.of(Arrays.copyOf(data, half), Arrays.copyOfRange(data, half, data.length))))
        .isEqualTo(whole);
  }

  private static List<byte[]> singles(byte[] data) {
    List<byte[]> singles = new ArrayList<>(data.length);
    for (byte b : data) {
      singles.add(new byte[] {b});
    }
    return singles;
  }

  /** What comes out, the pieces of a body joined. */
  private static List<String> read(List<byte[]> pieces) {
    ResponseDecoder decoder = new ResponseDecoder();
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.expect(false);
    for (byte[] piece : pieces) {
      if (piece.length > 0) {
        channel.writeInbound(Unpooled.wrappedBuffer(piece));
      }
    }
    List<String> out = new ArrayList<>();
    boolean refused = false;
    StringBuilder body = new StringBuilder();
    long declared = -1;
    long came = 0;
    for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
      switch (message) {
        case ByteBuf piece -> {
          came += piece.readableBytes();
          body.append(piece.toString(StandardCharsets.ISO_8859_1));
          piece.release();
        }
        case Head head -> {
          declared = head.length();
          out.add("head " + head.response().status().code() + " " + head.framing());
          out.add(head.response().headers().entries().toString());
        }
        case Mark mark -> {
          out.add(taken(body) + mark);
          refused |= mark != Mark.END;
        }
        case Defect _ -> {
          assertThat(channel.inboundMessages()).as("behind a defect").isEmpty();
          refused = true;
        }
        default -> out.add("unknown " + message);
      }
    }
    out.add(taken(body) + "open");
    assertThat(declared < 0 || came <= declared).isTrue();
    channel.finishAndReleaseAll();
    // How much of what is refused is read depends on where it is cut; that it is must not.
    return refused ? List.of("refused") : out;
  }

  private static String taken(StringBuilder body) {
    String text = body.isEmpty() ? "" : "body " + body + "; ";
    body.setLength(0);
    return text;
  }
}
