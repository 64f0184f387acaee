package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.observe.FetchFailure;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How slow is too slow. */
final class PaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private final Pace pace = new Pace(Duration.ofSeconds(10), 100);

  @Test
  void silence_whileWaiting_isAnIdleTimeout() {
    pace.waitFrom(0);
    assertThat(pace.judge(10 * SECOND - 1)).isNull();
    assertThat(pace.nextNanos(9 * SECOND)).isEqualTo(SECOND);
    assertThat(pace.judge(10 * SECOND)).isEqualTo(FetchFailure.IDLE_TIMEOUT);
  }

  @Test
  void silence_whilePaused_isNothing() {
    pace.waitFrom(0);
    pace.received(1, 5 * SECOND);
    assertThat(pace.judge(1000 * SECOND)).isNull();
  }

  @Test
  void fewBytes_inAWindowOfWaiting_areTooSlow() {
    for (int i = 0; i < 9; i++) {
      pace.waitFrom(i * SECOND);
      pace.received(1, (i + 1) * SECOND);
      assertThat(pace.judge((i + 1) * SECOND)).isNull();
    }
    pace.waitFrom(9 * SECOND);
    pace.received(1, 10 * SECOND);
    assertThat(pace.judge(10 * SECOND)).isEqualTo(FetchFailure.TOO_SLOW);
  }

  @Test
  void pauses_doNotCount() {
    for (int i = 0; i < 100; i++) {
      // A tenth of a second of waiting, then a long pause.
      pace.waitFrom(i * 60L * SECOND);
      pace.received(10, i * 60L * SECOND + SECOND / 10);
      assertThat(pace.judge(i * 60L * SECOND + SECOND / 10)).isNull();
    }
  }

  @Test
  void enoughBytes_beginANewWindow() {
    for (int i = 0; i < 100; i++) {
      pace.waitFrom(i * SECOND);
      pace.received(100, (i + 1) * SECOND);
      assertThat(pace.judge((i + 1) * SECOND)).isNull();
    }
  }
}
