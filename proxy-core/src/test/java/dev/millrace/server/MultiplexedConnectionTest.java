package dev.millrace.server;

import static dev.millrace.server.FrameWire.DATA;
import static dev.millrace.server.FrameWire.END_STREAM;
import static dev.millrace.server.FrameWire.NOTHING;
import static dev.millrace.server.FrameWire.PING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ServerLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a connection by HTTP/2 does with a client that asks and does not listen. */
final class MultiplexedConnectionTest {
  private static final int PINGS_MAX = 10_000;

  /** No connection is idle here. */
  private static final ServerLimits LIMITS =
      new ServerLimits(
          Wire.LIMITS.connections(),
          Wire.LIMITS.fills(),
          Wire.LIMITS.requestTargetBytes(),
          Wire.LIMITS.requestHeadBytes(),
          Wire.LIMITS.requestFields(),
          Wire.LIMITS.headerReadTimeout(),
          Duration.ofHours(1),
          Wire.LIMITS.clientWriteTimeout(),
          Wire.LIMITS.clientMinRate(),
          Wire.LIMITS.originMinRate(),
          Wire.LIMITS.poolWait(),
          Wire.LIMITS.resumeWait(),
          Wire.LIMITS.segmentThreshold(),
          Wire.LIMITS.maxRewriteBytes());

  private final FrameWire wire = new FrameWire(LIMITS);

  MultiplexedConnectionTest() throws IOException {}

  @AfterEach
  void close() {
    wire.close();
  }

  private void ping() {
    wire.frame(PING, 0, 0, new byte[8]);
  }

  @Test
  void connection_readsOn_whileItsAnswersLeave() {
    for (int i = 0; i < PINGS_MAX; i++) {
      ping();
      assertThat(wire.came()).containsExactly("pong");
    }
    assertThat(wire.reads).isGreaterThanOrEqualTo(PINGS_MAX);
  }

  /** Whatever asks for more, Netty's codec too, which does so when nobody else does. */
  @Test
  void answersThatWait_stopTheReading_untilTheyHaveLeft() {
    wire.channel.stalled = true;
    int pings = 0;
    while (wire.channel.isWritable() && pings < PINGS_MAX) {
      ping();
      pings++;
    }
    assertThat(pings).as("pings whose answers are too many").isLessThan(PINGS_MAX);
    int reads = wire.reads;

    // What the last reads had brought already.
    ping();
    ping();
    assertThat(wire.reads).as("reads while answers wait").isEqualTo(reads);

    wire.channel.stalled = false;
    wire.channel.flush();
    assertThat(wire.channel.isWritable()).isTrue();
    assertThat(wire.reads).as("reads when they have left").isGreaterThan(reads);
    assertThat(wire.came()).hasSize(pings + 2).containsOnly("pong");
    wire.head(END_STREAM, 1, "GET");
    assertThat(wire.came()).containsExactly("head 1 404", "end 1");
  }

  private void fill() {
    wire.channel.stalled = true;
    for (int pings = 0; wire.channel.isWritable(); pings++) {
      assertThat(pings).isLessThan(PINGS_MAX);
      ping();
    }
  }

  @Test
  void clientThatTakesNothing_isEndedInTime() {
    fill();
    long limit = LIMITS.clientWriteTimeout().toNanos();

    wire.channel.advanceTimeBy(limit - 1, TimeUnit.NANOSECONDS);
    wire.channel.runScheduledPendingTasks();
    assertThat(wire.slowClients()).isZero();
    wire.channel.advanceTimeBy(1, TimeUnit.NANOSECONDS);
    wire.channel.runScheduledPendingTasks();

    assertThat(wire.slowClients()).isEqualTo(1);
  }

  @Test
  void clientThatTakesSomethingInTime_isNotEnded() {
    long limit = LIMITS.clientWriteTimeout().toNanos();
    for (int i = 0; i < 3; i++) {
      fill();
      wire.channel.advanceTimeBy(limit - 1, TimeUnit.NANOSECONDS);
      wire.channel.runScheduledPendingTasks();
      wire.channel.stalled = false;
      wire.channel.flush();
      assertThat(wire.came()).isNotEmpty();
    }
    assertThat(wire.slowClients()).isZero();
    assertThat(wire.channel.isOpen()).isTrue();
  }

  /** Its end lies unread because of us. */
  @Test
  void requestWithoutItsEnd_isNotLate_whileNothingIsRead() {
    long limit = LIMITS.headerReadTimeout().toNanos();
    wire.head(0, 1, "GET");
    fill();
    wire.channel.advanceTimeBy(limit, TimeUnit.NANOSECONDS);
    wire.channel.runScheduledPendingTasks();
    wire.channel.stalled = false;
    wire.channel.flush();
    wire.frame(DATA, END_STREAM, 1, NOTHING);

    assertThat(wire.came()).contains("head 1 404").doesNotContain("head 1 408");
  }
}
