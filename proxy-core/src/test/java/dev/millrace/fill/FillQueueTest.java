package dev.millrace.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.fill.FillQueue.Entry;
import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits for a fill thread keeps its order, and exactly one drain is on its way. */
@Timeout(60)
final class FillQueueTest {
  private final List<Runnable> scheduled = new ArrayList<>();
  private final Runnable drain = new Nothing();
  private final FillQueue queue = new FillQueue(scheduled::add, drain);

  /** A drain that is only scheduled. */
  private static final class Nothing implements Runnable {
    @Override
    public void run() {
      throw new AssertionError("nobody runs it");
    }
  }

  private static Entry piece(int number) {
    return new Entry.Piece(Unpooled.wrappedBuffer(new byte[] {(byte) number}));
  }

  private static int number(Entry entry) {
    return entry instanceof Entry.Piece(ByteBuf bytes) ? bytes.getByte(0) : -1;
  }

  private List<Integer> taken() {
    ArrayDeque<Entry> batch = new ArrayDeque<>();
    queue.take(batch);
    return batch.stream().map(FillQueueTest::number).toList();
  }

  @Test
  void firstOffer_schedulesTheDrain_furtherOnesDoNot() {
    queue.offer(piece(1));
    queue.offer(piece(2));
    queue.offer(piece(3));

    assertThat(scheduled).containsExactly(drain);
    assertThat(taken()).containsExactly(1, 2, 3);
  }

  @Test
  void offerWhileADrainRuns_isTakenByIt() {
    queue.offer(piece(1));
    assertThat(taken()).containsExactly(1);
    queue.offer(piece(2));

    assertThat(scheduled).hasSize(1);
    assertThat(taken()).containsExactly(2);
    assertThat(scheduled).hasSize(1);
  }

  @Test
  void emptyTake_endsTheDrain_andTheNextOfferSchedulesAnother() {
    queue.offer(piece(1));
    assertThat(taken()).containsExactly(1);
    assertThat(queue.take(new ArrayDeque<>())).isFalse();

    queue.offer(piece(2));

    assertThat(scheduled).hasSize(2);
    assertThat(taken()).containsExactly(2);
  }

  @Test
  void takeOver_givesTheRestInOrder_andSchedulesNothingAnyMore() {
    queue.offer(piece(1));
    assertThat(taken()).containsExactly(1);
    queue.offer(piece(2));
    queue.offer(piece(3));

    assertThat(queue.takeOver()).extracting(FillQueueTest::number).containsExactly(2, 3);
    queue.offer(piece(4));

    assertThat(scheduled).hasSize(1);
    assertThat(queue.takeOver()).extracting(FillQueueTest::number).containsExactly(4);
  }

  @Test
  void takeOverOfAnIdleQueue_schedulesNothingEither() {
    assertThat(queue.takeOver()).isEmpty();
    queue.offer(piece(1));

    assertThat(scheduled).isEmpty();
  }

  /** Feared: the drain sees nothing and ends while an offer believes that it still runs. */
  @Test
  void racingOffers_areTakenInOrder_byOneDrainAtATime() throws InterruptedException {
    int count = 200_000;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Drain racing = new Drain(count);
      FillQueue raced = new FillQueue(threads, racing);
      racing.source = raced;
      for (int i = 0; i < count; i++) {
        raced.offer(broken(i));
        if (i % 7 == 0) {
          // Lets the drain run dry again and again.
          Thread.onSpinWait();
        }
      }
      assertThat(racing.all.await(30, TimeUnit.SECONDS)).as("no entry is left behind").isTrue();
      assertThat(racing.overlaps).hasValue(0);
      assertThat(racing.disorder).hasValue(0);
    }
  }

  /** A drain that checks that it is alone and that what it takes is in order. */
  private static final class Drain implements Runnable {
    private final CountDownLatch all;
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger overlaps = new AtomicInteger();
    private final AtomicInteger disorder = new AtomicInteger();
    private final ArrayDeque<Entry> batch = new ArrayDeque<>();
    private int next;
    private volatile @Nullable FillQueue source;

    Drain(int count) {
      all = new CountDownLatch(count);
    }

    @Override
    public void run() {
      while (Objects.requireNonNull(source).take(batch)) {
        if (busy.incrementAndGet() != 1) {
          overlaps.incrementAndGet();
        }
        for (Entry entry = batch.poll(); entry != null; entry = batch.poll()) {
          if (!entry.equals(broken(next++))) {
            disorder.incrementAndGet();
          }
          all.countDown();
        }
        busy.decrementAndGet();
      }
    }
  }

  private static Entry broken(int number) {
    return new Entry.Broken(new FillFailure(FetchFailure.INTERNAL, String.valueOf(number)));
  }
}
