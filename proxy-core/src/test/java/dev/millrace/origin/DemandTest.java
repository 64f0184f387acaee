package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import dev.millrace.observe.FetchFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing is read but what was asked for, on every transport, and nothing is lost by waiting. */
final class DemandTest {
  private static final int BODY_BYTES = 10 << 20;
  private static final Duration QUIET = Duration.ofMillis(300);

  static List<OriginFixture.Transport> transports() {
    return OriginFixture.Transport.here();
  }

  private static byte[] body(int bytes) {
    byte[] body = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      body[i] = (byte) (i * 31 + (i >> 10));
    }
    return body;
  }

  /**
   * Waits for a moment without progress, since nothing can be waited for when nothing may happen.
   */
  private static long awaitQuiet(RecordingSink sink) {
    long[] last = {-1};
    long[] since = {0};
    Waiting.until(() -> {
      if (sink.bytes() != last[0]) {
        last[0] = sink.bytes();
        since[0] = System.nanoTime();
      }
      return System.nanoTime() - since[0] > QUIET.toNanos();
    });
    return last[0];
  }

  private static ScriptedOrigin.Script sending(String head, byte[] body, CountDownLatch sent) {
    return peer -> {
      peer.readHead();
      peer.send(head);
      peer.send(body);
      sent.countDown();
    };
  }

  @ParameterizedTest
  @MethodSource("transports")
  void patientSink_getsOneReadForEachDemand(OriginFixture.Transport transport) throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + BODY_BYTES + "\r\n\r\n";
    try (OriginFixture fixture = OriginFixture.on(transport);
        ScriptedOrigin origin =
            ScriptedOrigin.of(sending(head, body(BODY_BYTES), new CountDownLatch(1)))) {
      RecordingSink sink =
          fixture.start(new OriginFixture.Remote().at(origin.url()), "x", RecordingSink.patient());
      sink.awaitHead();
      long beside = awaitQuiet(sink);
      assertThat(beside).isLessThanOrEqualTo(Limits.ORIGIN_HEAD_READ_BYTES);

      for (int i = 1; i <= 5; i++) {
        int reads = i;
        sink.read();
        Waiting.until(() -> sink.reads() == reads);
        assertThat(awaitQuiet(sink) - beside)
            .isLessThanOrEqualTo((long) reads * Limits.READ_BUFFER_BYTES);
      }
      sink.cancel();
      Waiting.until(() -> fixture.events().count("closed") == 1);
      assertThat(sink.isDone()).isFalse();
    }
  }

  /** Epoll and io_uring read to the end by themselves once they have seen the FIN. */
  @ParameterizedTest
  @MethodSource("transports")
  void upstreamThatClosedLongAgo_isReadToItsEnd_onDemandOnly(OriginFixture.Transport transport)
      throws Exception {
    byte[] body = body(1 << 20);
    CountDownLatch sent = new CountDownLatch(1);
    try (OriginFixture fixture = OriginFixture.on(transport);
        ScriptedOrigin origin = ScriptedOrigin.of(sending("HTTP/1.1 200 OK\r\n\r\n", body, sent))) {
      RecordingSink sink =
          fixture.start(new OriginFixture.Remote().at(origin.url()), "x", RecordingSink.patient());
      sink.awaitHead();
      sent.await();
      long most = Limits.ORIGIN_HEAD_READ_BYTES;
      Waiting.stays(() -> sink.bytes() <= most && !sink.isDone());

      for (int i = 1; !sink.isDone(); i++) {
        int reads = i;
        long before = sink.bytes();
        sink.read();
        Waiting.until(() -> sink.isDone() || sink.reads() == reads);
        assertThat(sink.bytes() - before).isLessThanOrEqualTo(Limits.READ_BUFFER_BYTES);
      }
      assertThat(sink.await().summary()).startsWith("200 CLOSED");
      assertThat(sink.await().text().getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(body);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void slowSink_getsAllOf10MiB_thatWereSentAndClosed(OriginFixture.Transport transport)
      throws Exception {
    byte[] body = body(BODY_BYTES);
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + BODY_BYTES + "\r\n\r\n";
    CountDownLatch sent = new CountDownLatch(1);
    try (OriginFixture fixture = OriginFixture.on(transport);
        ScriptedOrigin origin = ScriptedOrigin.of(sending(head, body, sent))) {
      RecordingSink sink =
          fixture.start(new OriginFixture.Remote().at(origin.url()), "x", RecordingSink.patient());
      sink.awaitHead();
      for (int i = 1; !sink.isDone(); i++) {
        int reads = i;
        sink.read();
        Waiting.until(() -> sink.isDone() || sink.reads() == reads);
      }
      assertThat(sink.await().end()).hasToString("LENGTH_MET");
      assertThat(sink.await().text().getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(body);
    }
  }

  /** What the kernel has is given out first; the reset shows to who asks for more. */
  @ParameterizedTest
  @MethodSource("transports")
  void upstreamThatResets_whileNobodyReads_failsTheFetch_onDemand(OriginFixture.Transport transport)
      throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + BODY_BYTES + "\r\n\r\n";
    CountDownLatch read = new CountDownLatch(1);
    try (OriginFixture fixture = OriginFixture.on(transport);
        ScriptedOrigin origin =
            ScriptedOrigin.of(peer -> {
              peer.readHead();
              peer.send(head);
              peer.send(body(1 << 20));
              awaitQuietly(read);
              peer.reset();
            })) {
      RecordingSink sink =
          fixture.start(new OriginFixture.Remote().at(origin.url()), "x", RecordingSink.patient());
      sink.awaitHead();
      read.countDown();
      Waiting.stays(() -> !sink.isDone());
      while (!sink.isDone()) {
        long reads = sink.reads();
        sink.read();
        Waiting.until(() -> sink.isDone() || sink.reads() > reads);
      }
      assertThat(sink.await().failure()).isEqualTo(FetchFailure.RESET);
      assertThat(sink.bytes()).isLessThan(BODY_BYTES);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
