package dev.millrace.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.config.Limits;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** CK07: an absence is remembered for its time and no longer. */
final class NegativeCacheTest {
  private static final ArtifactKey KEY = new ArtifactKey("gen", "a");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Starts close to the overflow of the clock. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000);

  private final NegativeCache cache = new NegativeCache(nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void absence_isRememberedWithItsStatus_untilItsTimeIsOver() {
    cache.remember(KEY, 410, MINUTE);

    assertThat(cache.statusOf(KEY)).isEqualTo(410);
    pass(MINUTE.minusNanos(1));
    assertThat(cache.statusOf(KEY)).isEqualTo(410);
    pass(Duration.ofNanos(1));
    assertThat(cache.statusOf(KEY)).isZero();
  }

  @Test
  void askingForAnAbsence_doesNotProlongIt() {
    cache.remember(KEY, 404, MINUTE);
    for (int i = 0; i < 59; i++) {
      pass(Duration.ofSeconds(1));
      assertThat(cache.statusOf(KEY)).isEqualTo(404);
    }

    pass(Duration.ofSeconds(1));
    assertThat(cache.statusOf(KEY)).isZero();
  }

  @Test
  void absence_seenAgain_hasItsTimeAnew() {
    cache.remember(KEY, 404, MINUTE);
    pass(Duration.ofSeconds(40));
    cache.remember(KEY, 410, MINUTE);
    pass(Duration.ofSeconds(40));

    assertThat(cache.statusOf(KEY)).isEqualTo(410);
    pass(Duration.ofSeconds(20));
    assertThat(cache.statusOf(KEY)).isZero();
  }

  @Test
  void noTime_remembersNothing() {
    cache.remember(KEY, 404, Duration.ZERO);
    cache.remember(KEY, 404, Duration.ofSeconds(-1));

    assertThat(cache.statusOf(KEY)).isZero();
    assertThat(cache.count()).isZero();
  }

  @Test
  void time_thatNoClockReaches_doesNotOverflow() {
    cache.remember(KEY, 404, Duration.ofSeconds(Long.MAX_VALUE));
    pass(Duration.ofDays(365));

    assertThat(cache.statusOf(KEY)).isEqualTo(404);
  }

  @Test
  void forgottenAbsence_isGone_andOthersStay() {
    ArtifactKey other = new ArtifactKey("other", "a");
    cache.remember(KEY, 404, MINUTE);
    cache.remember(other, 404, MINUTE);
    cache.forget(KEY);

    assertThat(cache.statusOf(KEY)).isZero();
    assertThat(cache.statusOf(other)).isEqualTo(404);
  }

  /** CK04: neither name nor path run into each other. */
  @Test
  void keys_areDistinct_whereverTheSlashStands() {
    cache.remember(new ArtifactKey("a", "b/c"), 404, MINUTE);

    assertThat(cache.statusOf(new ArtifactKey("a/b", "c"))).isZero();
    assertThat(cache.statusOf(new ArtifactKey("a", "b%2fc"))).isZero();
    assertThat(cache.statusOf(new ArtifactKey("a", "b/c?"))).isZero();
    assertThat(cache.statusOf(new ArtifactKey("a", "b/c"))).isEqualTo(404);
  }

  @Test
  void floodOfAbsences_staysWithinTheLimit() {
    int pathBytes = 8_000;
    int most = Limits.NEGATIVE_BYTES_MAX / pathBytes;
    String long8k = "x".repeat(pathBytes);
    for (int i = 0; i < 3 * most; i++) {
      cache.remember(new ArtifactKey("gen", long8k + i), 404, MINUTE);
    }

    assertThat(cache.count()).isBetween(1L, (long) most);
  }
}
