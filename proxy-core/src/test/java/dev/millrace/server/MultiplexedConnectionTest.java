package dev.millrace.server;

import static dev.millrace.server.FrameWire.END_STREAM;
import static dev.millrace.server.FrameWire.PING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a connection by HTTP/2 does with a client that asks and does not listen. */
final class MultiplexedConnectionTest {
  private static final int PINGS_MAX = 10_000;

  private final FrameWire wire = new FrameWire(Wire.LIMITS);

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
}
