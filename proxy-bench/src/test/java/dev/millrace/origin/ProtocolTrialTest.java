package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import dev.millrace.origin.ProtocolCase.Start;
import dev.millrace.origin.ProtocolTrial.Protocol;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both clients get what they ask for, by as many connections as is claimed of them. */
final class ProtocolTrialTest {
  private static final Distance NEAR = new Distance(Duration.ofMillis(2), 4096);

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void warmClient_makesNoConnection(Protocol protocol) throws Exception {
    try (ProtocolTrial trial =
        new ProtocolTrial(
            new ProtocolCase("large", "", 2, 3_000_001, 2, Start.WARM, Distance.NONE))) {
      for (int i = 0; i < 2; i++) {
        Figures figures = trial.run(protocol);

        assertThat(figures.of(Figure.HANDSHAKES)).isZero();
        assertThat(figures.of(Figure.CPU_MS)).isPositive();
        assertThat(figures.of(Figure.ALLOCATED_KIB_PER_BODY)).isPositive();
      }
    }
  }

  @Test
  void coldClient_connectsAgainInEachRun() throws Exception {
    try (ProtocolTrial trial =
        new ProtocolTrial(new ProtocolCase("burst", "", 40, 9000, 40, Start.COLD, NEAR))) {
      for (int i = 0; i < 2; i++) {
        assertThat(trial.run(Protocol.HTTP_2).of(Figure.HANDSHAKES)).isEqualTo(1);
        assertThat(trial.run(Protocol.HTTP_1).of(Figure.HANDSHAKES))
            .isEqualTo(PooledClient.CONNECTIONS_MAX);
      }
    }
  }

  /** Connection, TLS and answer take a round trip each, and a window that doubles takes two. */
  @ParameterizedTest
  @EnumSource(Protocol.class)
  void distance_isTravelledForEachRoundTrip(Protocol protocol) throws Exception {
    try (ProtocolTrial trial =
        new ProtocolTrial(new ProtocolCase("far", "", 1, 9000, 1, Start.COLD, NEAR))) {
      assertThat(trial.run(protocol).of(Figure.WALL_MS)).isGreaterThan(4 * 4);
    }
  }
}
