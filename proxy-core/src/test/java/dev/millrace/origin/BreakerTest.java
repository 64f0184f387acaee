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

  private int admission;

  private boolean admits() {
    int given = breaker.admit(now);
    if (given != Breaker.REFUSED) {
      admission = given;
    }
    return given != Breaker.REFUSED;
  }

  private void open() {
    for (int i = 1; i < Limits.BREAKER_FAILURES; i++) {
      assertThat(breaker.failed(now, 0, admission)).isFalse();
    }
    assertThat(breaker.failed(now, 0, admission)).isTrue();
  }

  private void assertOpenFor(long nanos) {
    now += nanos - 1;
    assertThat(admits()).as("before the wait is over").isFalse();
    now += 1;
    assertThat(admits()).as("after it").isTrue();
  }

  @Test
  void failuresInARow_openIt_andFewerDoNot() {
    for (int i = 1; i < Limits.BREAKER_FAILURES; i++) {
      breaker.failed(now, 0, admission);
      assertThat(admits()).isTrue();
    }
    assertThat(breaker.succeeded()).isFalse();
    open();

    assertThat(admits()).isFalse();
  }

  /** As many wrong bodies as open it. */
  private boolean wrong() {
    boolean opens = false;
    for (int i = 0; i < Limits.BREAKER_FAILURES; i++) {
      assertThat(opens).isFalse();
      opens = breaker.judged("p" + i, false, now);
      breaker.succeeded();
    }
    return opens;
  }

  @Test
  void wrongBodies_openIt_howeverManyHeadsAnswer_eachTimeForLonger() {
    assertThat(wrong()).isTrue();
    assertThat(breaker.succeeded()).as("asked before it opened").isFalse();
    assertOpenFor(FIRST);
    assertThat(breaker.succeeded()).isTrue();

    assertThat(wrong()).isTrue();
    assertOpenFor(2 * FIRST);
    breaker.succeeded();
    for (int i = 0; i < 40; i++) {
      assertThat(wrong()).isTrue();
      now += MOST;
      admits();
      breaker.succeeded();
    }
    assertThat(wrong()).isTrue();
    assertOpenFor(MOST);
  }

  @Test
  void rightBody_makesTheWrongOnesForgotten() {
    for (int i = 1; i < Limits.BREAKER_FAILURES; i++) {
      breaker.judged("p" + i, false, now);
    }
    assertThat(breaker.judged("right", true, now)).isFalse();
    assertThat(breaker.judged("other", false, now)).isFalse();
    assertThat(admits()).isTrue();
  }

  @Test
  void oneBrokenArtifact_opensNothing_howeverOftenItIsAskedFor() {
    for (int i = 0; i < 10 * Limits.BREAKER_FAILURES; i++) {
      assertThat(breaker.judged("one", false, now)).isFalse();
    }
    assertThat(admits()).isTrue();
  }

  @Test
  void afterTheWait_oneIsAdmitted_andTheOthersWhenItSucceeded() {
    open();
    assertOpenFor(FIRST);
    assertThat(admits()).as("a second probe").isFalse();

    assertThat(breaker.succeeded()).isTrue();

    assertThat(admits()).isTrue();
    assertThat(breaker.failed(now, 0, admission)).as("the count began again").isFalse();
  }

  @Test
  void eachFailedProbe_doublesTheWait_upToItsLimit() {
    open();
    for (long wait = FIRST; wait < MOST; wait = Math.min(2 * wait, MOST)) {
      assertOpenFor(wait);
      assertThat(breaker.failed(now, 0, admission)).isTrue();
    }
    assertOpenFor(MOST);
    breaker.failed(now, 0, admission);
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
      breaker.failed(now, wished, admission);
      assertThat(admits()).as("one answer says nothing of the others").isTrue();
    }
    breaker.failed(now, wished, admission);
    assertOpenFor(wished);
    breaker.failed(now, Duration.ofDays(1).toNanos(), admission);
    assertOpenFor(Limits.BREAKER_HOLD_MAX.toNanos());
  }

  @Test
  void lateFailures_doNotProlongTheWait_andALateAnswerEndsIt() {
    open();
    now += FIRST / 2;
    assertThat(breaker.failed(now, 0, admission)).isFalse();
    assertOpenFor(FIRST - FIRST / 2);
    breaker.failed(now, 0, admission);

    assertThat(breaker.succeeded()).isTrue();
    assertThat(admits()).isTrue();
  }

  /** Many were asked before it opened, and time out one after the other while a probe is out. */
  @Test
  void failuresOfEarlierFetches_areNotTheProbes() {
    int earlier = breaker.admit(now);
    open();
    assertOpenFor(FIRST);
    for (int i = 0; i < 5; i++) {
      assertThat(breaker.failed(now, 0, earlier)).isFalse();
    }
    assertThat(breaker.failed(now, 0, admission)).as("the probe's own").isTrue();
    assertOpenFor(2 * FIRST);
  }

  @Test
  void probeThatFindsOutNothing_leavesItsPlace() {
    open();
    assertOpenFor(FIRST);
    breaker.left(now, admission);

    assertThat(admits()).isTrue();
    breaker.left(now, admission - 1);
    assertThat(admits()).as("only the probe's own place").isFalse();
  }
}
