package dev.millrace.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * No wake-up is lost, and a burst of changes costs one task for each loop.
 *
 * <p>The race prints its seed and takes it back by {@code -Dwakes.seed}.
 */
@Timeout(120)
final class FillWakesTest {
  private final FillWakes wakes = new FillWakes();
  private final List<CountingLoop> loops =
      List.of(new CountingLoop(), new CountingLoop(), new CountingLoop());

  @AfterEach
  void loopsEnd() {
    loops.forEach(loop -> loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly());
  }

  /** A real loop that counts what it is given. */
  private static final class CountingLoop extends DefaultEventLoop {
    private final AtomicInteger tasks = new AtomicInteger();

    @Override
    public void execute(Runnable task) {
      tasks.incrementAndGet();
      super.execute(task);
    }
  }

  @Test
  void waiter_runsOnItsLoop_afterTheNextWake_once() throws Exception {
    CountingLoop loop = loops.getFirst();
    AtomicInteger woken = new AtomicInteger();
    on(loop, () -> wakes.await(loop, () -> woken.addAndGet(loop.inEventLoop() ? 1 : 1000)));

    wakes.wake();
    wakes.wake();
    settle(loop);

    assertThat(woken).hasValue(1);
  }

  @Test
  void nobodyWaits_costsNothing() {
    wakes.wake();

    assertThat(loops).allMatch(loop -> loop.tasks.get() == 0);
  }

  @Test
  void burst_costsOneTaskForEachLoop_howeverManyWait() throws Exception {
    AtomicInteger woken = new AtomicInteger();
    CountDownLatch open = new CountDownLatch(1);
    for (CountingLoop loop : loops.subList(0, 2)) {
      on(
          loop,
          () -> {
            for (int i = 0; i < 100; i++) {
              wakes.await(loop, woken::incrementAndGet);
            }
          });
      loop.execute(() -> awaitOpen(open));
    }
    loops.forEach(loop -> loop.tasks.set(0));

    for (int i = 0; i < 1000; i++) {
      wakes.wake();
    }

    assertThat(loops).extracting(loop -> loop.tasks.get()).containsExactly(1, 1, 0);
    open.countDown();
    await().atMost(Duration.ofSeconds(20)).until(() -> woken.get() == 200);
  }

  @Test
  void waiterThatFails_keepsNobodyAsleep() throws Exception {
    CountingLoop loop = loops.getFirst();
    AtomicInteger woken = new AtomicInteger();
    on(
        loop,
        () -> {
          wakes.await(loop, woken::incrementAndGet);
          wakes.await(
              loop,
              () -> {
                throw new IllegalStateException("planted");
              });
          wakes.await(loop, woken::incrementAndGet);
        });

    wakes.wake();
    settle(loop);

    assertThat(woken).hasValue(2);
  }

  @Test
  void endedLoop_doesNotKeepTheOthersAsleep() throws Exception {
    AtomicInteger woken = new AtomicInteger();
    for (CountingLoop loop : loops) {
      on(loop, () -> wakes.await(loop, woken::incrementAndGet));
    }
    loops.getFirst().shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();

    wakes.wake();

    await().atMost(Duration.ofSeconds(20)).until(() -> woken.get() == 2);
  }

  @Test
  void racingPublisherAndReaders_everyReaderSeesTheEnd() throws InterruptedException {
    long seed = Long.getLong("wakes.seed", 20260101);
    System.out.println("FillWakesTest wakes.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      FillWakes raced = new FillWakes();
      AtomicLong frontier = new AtomicLong();
      long end = random.nextLong(1, 501);
      int readers = 1 + random.nextInt(12);
      CountDownLatch done = new CountDownLatch(readers);
      for (int i = 0; i < readers; i++) {
        EventLoop loop = loops.get(i % loops.size());
        RacingReader reader = new RacingReader(raced, loop, frontier, end, done);
        loop.execute(reader);
      }
      int pause = random.nextInt(60);
      while (frontier.get() < end) {
        frontier.incrementAndGet();
        raced.wake();
        for (int i = 0; i < pause; i++) {
          Thread.onSpinWait();
        }
      }
      assertThat(done.await(20, TimeUnit.SECONDS))
          .as("round %d of seed %d: %d readers sleep", round, seed, done.getCount())
          .isTrue();
    }
  }

  /** Adds itself, arms, then looks again, like a cursor. */
  private record RacingReader(
      FillWakes wakes, EventLoop loop, AtomicLong frontier, long end, CountDownLatch done)
      implements Runnable {
    @Override
    public void run() {
      long seen = frontier.get();
      if (seen == end) {
        done.countDown();
        return;
      }
      AtomicInteger once = new AtomicInteger();
      Runnable again =
          () -> {
            if (once.getAndIncrement() == 0) {
              run();
            }
          };
      wakes.await(loop, again);
      if (frontier.get() != seen) {
        loop.execute(again);
      }
    }
  }

  private static void awaitOpen(CountDownLatch open) {
    try {
      assertThat(open.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void on(EventLoop loop, Runnable action)
      throws InterruptedException, ExecutionException {
    loop.submit(action).get();
  }

  /** Everything that was given to the loop before has run. */
  private static void settle(EventLoop loop) throws InterruptedException, ExecutionException {
    on(loop, () -> {});
  }
}
