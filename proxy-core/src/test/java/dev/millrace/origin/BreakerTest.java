package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The states of a breaker, by a clock that the test turns. */
final class BreakerTest {
  private static final long FIRST = Limits.BREAKER_WAIT_FIRST.toNanos();
  private static final long MOST = Limits.BREAKER_WAIT_MAX.toNanos();

  private final Breaker breaker = new Breaker();

  /** Near the end of the clock's range, as {@code System.nanoTime} may be. */
  private long now = Long.MAX_VALUE - FIRST / 2;

  private void open() {
    for (int i = 1; i < Limits.BREAKER_FAILURES; i++) {
      assertThat(breaker.failed(now, 0)).isFalse();
    }
    assertThat(breaker.failed(now, 0)).isTrue();
  }

  private void assertOpenFor(long nanos) {
    now += nanos - 1;
    assertThat(breaker.admits(now)).as("before the wait is over").isFalse();
    now += 1;
    assertThat(breaker.admits(now)).as("after it").isTrue();
  }

  @Test
  void failuresInARow_openIt_andFewerDoNot() {
    for (int i = 1; i < Limits.BREAKER_FAILURES; i++) {
      breaker.failed(now, 0);
      assertThat(breaker.admits(now)).isTrue();
    }
    assertThat(breaker.succeeded()).isFalse();
    open();

    assertThat(breaker.admits(now)).isFalse();
  }

  @Test
  void afterTheWait_oneIsAdmitted_andTheOthersWhenItSucceeded() {
    open();
    assertOpenFor(FIRST);
    assertThat(breaker.admits(now)).as("a second probe").isFalse();

    assertThat(breaker.succeeded()).isTrue();

    assertThat(breaker.admits(now)).isTrue();
    assertThat(breaker.failed(now, 0)).as("the count began again").isFalse();
  }

  @Test
  void eachFailedProbe_doublesTheWait_upToItsLimit() {
    open();
    for (long wait = FIRST; wait < MOST; wait = Math.min(2 * wait, MOST)) {
      assertOpenFor(wait);
      assertThat(breaker.failed(now, 0)).isTrue();
    }
    assertOpenFor(MOST);
    breaker.failed(now, 0);
    assertOpenFor(MOST);
  }

  @Test
  void probeThatSaysNothing_isFollowedByAnother() {
    open();
    assertOpenFor(FIRST);

    assertOpenFor(Limits.BREAKER_PROBE.toNanos());
  }

  @Test
  void wishOfTheOrigin_isObeyed_withinReason() {
    long wished = Duration.ofSeconds(7).toNanos();
    for (int i = 1; i < Limits.BREAKER_FAILURES; i++) {
      breaker.failed(now, wished);
      assertThat(breaker.admits(now)).as("one answer says nothing of the others").isTrue();
    }
    breaker.failed(now, wished);
    assertOpenFor(wished);
    breaker.failed(now, Duration.ofDays(1).toNanos());
    assertOpenFor(Limits.BREAKER_HOLD_MAX.toNanos());
  }

  @Test
  void lateFailures_doNotProlongTheWait_andALateAnswerEndsIt() {
    open();
    now += FIRST / 2;
    assertThat(breaker.failed(now, 0)).isFalse();
    assertOpenFor(FIRST - FIRST / 2);
    breaker.failed(now, 0);

    assertThat(breaker.succeeded()).isTrue();
    assertThat(breaker.admits(now)).isTrue();
  }
}
