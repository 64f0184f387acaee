package dev.millrace.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The body budget is never exceeded, and its line is first come, first served.
 *
 * <p>A random run prints its seed and takes it back by {@code -Dbudget.seed}.
 */
@Timeout(60)
final class BodyBudgetTest {
  private static final int MAX = 100;

  private final BodyBudget budget = new BodyBudget(MAX);
  private final List<String> granted = new ArrayList<>();

  private boolean reserve(int bytes, String name) {
    return budget.reserveOrWait(bytes, () -> granted.add(name));
  }

  @Test
  void bytesUpToTheMaximum_areReservedAtOnce() {
    assertThat(reserve(60, "a")).isTrue();
    assertThat(reserve(40, "b")).isTrue();

    assertThat(budget.usedBytes()).isEqualTo(MAX).isEqualTo(budget.maxBytes());
    assertThat(budget.waits()).isZero();
    assertThat(granted).isEmpty();
  }

  @Test
  void byteOverTheMaximum_waitsAndReservesNothing() {
    assertThat(reserve(60, "a")).isTrue();
    assertThat(reserve(41, "b")).isFalse();

    assertThat(budget.usedBytes()).isEqualTo(60);
    assertThat(budget.waits()).isEqualTo(1);
    assertThat(granted).isEmpty();
  }

  @Test
  void release_grantsInLine_asFarAsThereIsRoom() {
    assertThat(reserve(100, "a")).isTrue();
    assertThat(reserve(50, "b")).isFalse();
    assertThat(reserve(50, "c")).isFalse();
    assertThat(reserve(50, "d")).isFalse();

    budget.release(100);
    assertThat(granted).containsExactly("b", "c");
    assertThat(budget.usedBytes()).isEqualTo(MAX);

    budget.release(50);
    assertThat(granted).containsExactly("b", "c", "d");
    budget.release(100);
    assertThat(budget.usedBytes()).isZero();
    assertThat(budget.waits()).isEqualTo(3);
  }

  @Test
  void smallRequest_doesNotOvertakeALargeOneInLine() {
    assertThat(reserve(60, "a")).isTrue();
    assertThat(reserve(80, "large")).isFalse();
    assertThat(reserve(10, "small")).as("there is room, but a line").isFalse();

    budget.release(60);

    assertThat(granted).containsExactly("large", "small");
  }

  @Test
  void peak_staysWhereItWas() {
    assertThat(reserve(70, "a")).isTrue();
    budget.release(70);
    assertThat(reserve(30, "b")).isTrue();

    assertThat(budget.peakBytes()).isEqualTo(70);
    assertThat(budget.usedBytes()).isEqualTo(30);
  }

  @Test
  void requestOverTheWholeBudget_isAnError_andLeavesNoTrace() {
    assertThatThrownBy(() -> reserve(MAX + 1, "a")).isInstanceOf(IllegalArgumentException.class);

    assertThat(budget.waits()).isZero();
    assertThat(reserve(MAX, "b")).isTrue();
  }

  @Test
  void moreGivenBackThanReserved_isAnError() {
    assertThat(reserve(10, "a")).isTrue();

    assertThatThrownBy(() -> budget.release(11)).isInstanceOf(AssertionError.class);
  }

  @Test
  void granted_mayReleaseAtOnce() {
    assertThat(reserve(MAX, "a")).isTrue();
    for (int i = 0; i < 50; i++) {
      assertThat(
              budget.reserveOrWait(
                  MAX,
                  () -> {
                    granted.add("x");
                    budget.release(MAX);
                  }))
          .isFalse();
    }

    budget.release(MAX);

    assertThat(granted).hasSize(50);
    assertThat(budget.usedBytes()).isZero();
  }

  /** Against a model: any order of requests and releases, all of which are known beforehand. */
  @Test
  void anyInterleaving_keepsTheLineAndTheMaximum() {
    long seed = seed();
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> held = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    List<Integer> served = new ArrayList<>();
    long waits = 0;
    for (int i = 0; i < 20_000; i++) {
      int bytes = 1 + random.nextInt(MAX);
      if (random.nextBoolean() || held.isEmpty()) {
        expected.add(bytes);
        boolean now =
            budget.reserveOrWait(
                bytes,
                () -> {
                  served.add(bytes);
                  held.add(bytes);
                });
        if (now) {
          served.add(bytes);
          held.add(bytes);
        } else {
          waits++;
        }
      } else {
        budget.release(held.remove(/* index */ random.nextInt(held.size())));
      }
      assertThat(budget.usedBytes())
          .as("step %d of seed %d", i, seed)
          .isEqualTo(held.stream().mapToLong(Integer::longValue).sum())
          .isLessThanOrEqualTo(MAX);
    }
    while (!held.isEmpty()) {
      budget.release(held.removeLast());
    }
    assertThat(served).as("seed %d: nobody starves, nobody overtakes", seed).isEqualTo(expected);
    assertThat(budget.usedBytes()).isZero();
    assertThat(budget.waits()).isEqualTo(waits);
    assertThat(budget.peakBytes()).isLessThanOrEqualTo(MAX);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void racingThreads_neverExceedTheMaximum_andAllAreServed(int round) throws InterruptedException {
    long seed = seed() + round;
    AtomicLong inUse = new AtomicLong();
    AtomicLong worst = new AtomicLong();
    AtomicInteger served = new AtomicInteger();
    BlockingQueue<Integer> toGiveBack = new ArrayBlockingQueue<>(100_000);
    List<Thread> threads = new ArrayList<>();
    int each = 5_000;
    for (int t = 0; t < 4; t++) {
      SplittableRandom random = new SplittableRandom(seed * 31 + t);
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < each; i++) {
                  int bytes = 1 + random.nextInt(MAX);
                  Runnable take =
                      () -> {
                        worst.accumulateAndGet(inUse.addAndGet(bytes), Math::max);
                        served.incrementAndGet();
                        toGiveBack.add(bytes);
                      };
                  if (budget.reserveOrWait(bytes, take)) {
                    take.run();
                  }
                }
              }));
    }
    for (int i = 0; i < 4 * each; i++) {
      int bytes = toGiveBack.take();
      inUse.addAndGet(-bytes);
      budget.release(bytes);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(served).as("seed %d", seed).hasValue(4 * each);
    assertThat(worst.get()).as("seed %d", seed).isLessThanOrEqualTo(MAX);
    assertThat(budget.usedBytes()).isZero();
    assertThat(budget.peakBytes()).isLessThanOrEqualTo(MAX);
    assertThat(budget.waits()).isPositive();
  }

  private static long seed() {
    long seed = Long.getLong("budget.seed", 20260101);
    System.out.println("BodyBudgetTest budget.seed=" + seed);
    return seed;
  }
}
