package dev.millrace.server;

import static dev.millrace.server.Wire.LIMITS;
import static dev.millrace.server.Wire.SMUGGLED;
import static dev.millrace.server.Wire.head;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ServerLimits;
import dev.millrace.observe.Refusal;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where one head ends and the next begins, and where the decoder stops. */
final class RequestDecoderTest {
  private static final String GET = "GET / HTTP/1.1";
  private static final String HOST = "Host: h";

  private int begun;
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new RequestDecoder(LIMITS, () -> begun++, () -> false));

  private static List<String> targets(String text) {
    return Wire.decodeEveryWay(LIMITS, text).stream()
        .map(head ->
            switch (head) {
              case DecodedHead.Request request -> request.target();
              case DecodedHead.Refused(Refusal refusal) -> refusal.name();
            })
        .toList();
  }

  private void feed(String text) {
    channel.writeInbound(Unpooled.wrappedBuffer(Wire.bytes(text)));
  }

  private static String get(String target) {
    return head("GET " + target + " HTTP/1.1", HOST);
  }

  /** K14. */
  @Test
  void pipelinedRequests_areReadInOrder() {
    assertThat(targets(get("/a") + get("/b"))).containsExactly("/a", "/b");
    assertThat(targets(get("/a") + "\r\n" + get("/b"))).containsExactly("/a", "/b");
    assertThat(targets(get("/x").repeat(20))).hasSize(20).containsOnly("/x");
    for (int length = 0; length < 40; length++) {
      // One of them ends its first line where the head before it had its empty line.
      String target = "/" + "x".repeat(length);
      assertThat(targets(get("/a") + get(target))).containsExactly("/a", target);
    }
  }

  /** K15. */
  @Test
  void faultyRequest_behindASoundOne_endsTheReading() {
    assertThat(targets(get("/a") + "BAD\r\n\r\n" + SMUGGLED)).containsExactly("/a", "BAD_REQUEST");
    assertThat(targets(get("/a") + "\r\n\r\n" + SMUGGLED)).containsExactly("/a", "BAD_REQUEST");
    assertThat(targets(get("/a") + "\n" + SMUGGLED)).containsExactly("/a", "BAD_REQUEST");
    assertThat(targets(get("/a") + get("*") + SMUGGLED)).containsExactly("/a", "BAD_REQUEST");
    assertThat(targets(get("/a") + "x" + SMUGGLED)).containsExactly("/a", "BAD_REQUEST");
  }

  @Test
  void bodyOfTheFirst_endsTheReading() {
    assertThat(targets(head(GET, HOST, "Content-Length: 1") + "x" + SMUGGLED)).containsExactly("/");
  }

  @Test
  void unfinishedHead_isNothing() {
    for (String text : List.of("G", "GET / HTTP/1.1", "GET / HTTP/1.1\r", "\r\n", "\r")) {
      assertThat(Wire.decodeEveryWay(LIMITS, text)).isEmpty();
    }
    assertThat(Wire.decodeEveryWay(LIMITS, "GET / HTTP/1.1\r\nHost: h\r\n")).isEmpty();
    assertThat(Wire.decodeEveryWay(LIMITS, "GET / HTTP/1.1\r\nHost: h\r\n\r")).isEmpty();
  }

  @Test
  void defect_isRefusedBeforeTheHeadIsWhole() {
    feed("GET / HTTP/9.9\r\n");
    assertThat(channel.<DecodedHead>readInbound())
        .isEqualTo(new DecodedHead.Refused(Refusal.VERSION));
    assertThat(channel.finish()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", " ", "\n", "g", "\u0016\u0003\u0001", "GET / HTTP/1.1\n", "GET\ra"})
  void defectInTheFirstBytes_isRefusedAtOnce(String text) {
    feed(text);
    assertThat(channel.<DecodedHead>readInbound())
        .isEqualTo(new DecodedHead.Refused(Refusal.BAD_REQUEST));
    feed(SMUGGLED);
    feed(SMUGGLED);
    assertThat(channel.finish()).isFalse();
  }

  @Test
  void beginning_isTold_onlyWhileAHeadIsIncomplete() {
    feed(get("/a"));
    feed("\r\n");
    assertThat(begun).isZero();
    feed("G");
    assertThat(begun).isOne();
    feed("ET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(begun).isOne();
    feed("\r");
    assertThat(begun).isEqualTo(2);
    feed("\n");
    assertThat(begun).isEqualTo(2);
    feed("x");
    assertThat(begun).isEqualTo(2);
    channel.finishAndReleaseAll();
  }

  /** L01. */
  @Test
  void target_upToTheLimitIsRead_oneByteMoreIsRefused() {
    int max = LIMITS.requestTargetBytes();

    assertThat(targets(get("/" + "x".repeat(max - 1)))).containsExactly("/" + "x".repeat(max - 1));
    for (int over = 1; over < 60; over++) {
      assertThat(targets(get("/" + "x".repeat(max - 1 + over)) + SMUGGLED))
          .containsExactly("TARGET_TOO_LONG");
    }
    assertThat(targets("GET /" + "x".repeat(5000))).containsExactly("TARGET_TOO_LONG");
    assertThat(targets("GET" + "T".repeat(5000))).containsExactly("TARGET_TOO_LONG");
  }

  /** L02, L04. */
  @Test
  void head_upToTheLimitIsRead_oneByteMoreIsRefused() {
    int max = LIMITS.requestHeadBytes();
    int rest = head(GET, HOST, "X: ").length();

    assertThat(targets(head(GET, HOST, "X: " + "x".repeat(max - rest)))).containsExactly("/");
    assertThat(targets("\r\n" + head(GET, HOST, "X: " + "x".repeat(max - rest))))
        .containsExactly("/");
    for (int over = 1; over < 10; over++) {
      assertThat(targets(head(GET, HOST, "X: " + "x".repeat(max - rest + over)) + SMUGGLED))
          .containsExactly("HEAD_TOO_LARGE");
    }
    assertThat(targets(GET + "\r\n" + "X: y\r\n".repeat(1000))).containsExactly("HEAD_TOO_LARGE");
    assertThat(targets(GET + "\r\nX: " + "y".repeat(5000) + "\n"))
        .containsExactly("HEAD_TOO_LARGE");
  }

  /** L03. */
  @Test
  void fields_upToTheLimitAreRead_oneMoreIsRefused() {
    String[] lines = {GET, HOST, "A: 1", "B: 2", "C: 3", "D: 4", "E: 5"};

    assertThat(targets(head(Arrays.copyOf(lines, 6)))).containsExactly("/");
    assertThat(targets(head(lines) + SMUGGLED)).containsExactly("HEAD_TOO_LARGE");
  }

  /** L01 to L04 as they come over the wire, with the limits that a server has by default. */
  @Test
  void floods_areRefusedAtTheLimit() {
    ServerLimits limits =
        new ServerLimits(
            10,
            10,
            16 << 10,
            64 << 10,
            100,
            LIMITS.headerReadTimeout(),
            LIMITS.keepAliveTimeout(),
            LIMITS.clientWriteTimeout(),
            1024,
            1024,
            LIMITS.poolWait(),
            LIMITS.resumeWait(),
            LIMITS.segmentThreshold(),
            LIMITS.maxRewriteBytes());

    assertThat(Wire.decodeEveryWay(limits, get("/" + "x".repeat(64 << 10))))
        .containsExactly(new DecodedHead.Refused(Refusal.TARGET_TOO_LONG));
    assertThat(Wire.decodeEveryWay(limits, head(GET, HOST, "X: " + "x".repeat(128 << 10))))
        .containsExactly(new DecodedHead.Refused(Refusal.HEAD_TOO_LARGE));
    assertThat(Wire.decodeEveryWay(limits, GET + "\r\n" + "X: y\r\n".repeat(5000) + "\r\n"))
        .containsExactly(new DecodedHead.Refused(Refusal.HEAD_TOO_LARGE));
  }
}
