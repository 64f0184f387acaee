package dev.millrace.bench.fill;

import static java.util.Objects.requireNonNull;

import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.bench.store.ScratchStore;
import dev.millrace.config.Limits;
import dev.millrace.config.Settings;
import dev.millrace.fill.Fill;
import dev.millrace.fill.FillCursor;
import dev.millrace.server.Transports;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a move of the frontier cost: the fill thread that publishes, and the readers that wake?
 *
 * <p>A real fill publishes small pieces that go nowhere; each reader is a real cursor that takes
 * what it sees and waits again. Nothing is sent, so that what is left is the wake-up.
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar FrontierWakeBenchmark -prof gc}
 *
 * <p>Decision it serves: readers are woken once for each loop and burst, and not one by one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {ProductionJvm.COMPACT_HEADERS, ProductionJvm.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrontierWakeBenchmark {
  private static final int PIECE_BYTES = Limits.SMALL_PIECE_BYTES;

  /** Longer than any run can publish. */
  private static final long BODY_BYTES = 1L << 50;

  @Param({"1", "100", "1000"})
  private int cursors;

  @Param({"1", "2", "4"})
  private int loops;

  private final ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(PIECE_BYTES);
  private final AtomicInteger loopsBehind = new AtomicInteger();
  private final Semaphore allSeen = new Semaphore(0);
  private @Nullable ScratchStore scratch;
  private @Nullable DrivenFill driven;
  private @Nullable EventLoopGroup group;
  private int loopsWithReaders;

  /** Starts the fill and lets every reader wait. */
  @Setup
  public void setUp() throws IOException, InterruptedException {
    scratch = ScratchStore.ofNothing();
    driven = new DrivenFill(scratch.store(), new NoDigestEngine(), BenchSettings.remote());
    bytes.writerIndex(PIECE_BYTES);
    Fill fill = driven.start(BODY_BYTES);
    group =
        new MultiThreadIoEventLoopGroup(loops, Transports.of(Settings.Transport.AUTO).ioHandler());
    List<Crowd> crowds = new ArrayList<>();
    for (int i = 0; i < Math.min(loops, cursors); i++) {
      crowds.add(new Crowd(group.next(), loopsBehind, allSeen));
    }
    loopsWithReaders = crowds.size();
    for (int i = 0; i < cursors; i++) {
      crowds.get(i % loopsWithReaders).join(fill);
    }
  }

  /** Ends fill and loops. */
  @TearDown
  public void tearDown() throws IOException, InterruptedException {
    requireNonNull(driven).breakOff();
    requireNonNull(group).shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    requireNonNull(scratch).close();
    bytes.release();
  }

  /** Publishes and waits until every reader has seen it; one hand-over back is in it. */
  @Benchmark
  public void publishAndAwaitAll() {
    loopsBehind.set(loopsWithReaders);
    requireNonNull(driven).piece(bytes.retainedDuplicate());
    allSeen.acquireUninterruptibly();
  }

  /** Publishes as fast as it can: what readers cost the fill thread. */
  @Benchmark
  public void publish() {
    requireNonNull(driven).piece(bytes.retainedDuplicate());
  }

  /**
   * The readers of one loop. They count among themselves, so that the loops share one counter and
   * touch it once for each move: readers of different loops have nothing in common in production.
   *
   * <p>Threading: confined to its loop.
   */
  private static final class Crowd {
    private final EventLoop loop;
    private final AtomicInteger loopsBehind;
    private final Semaphore allSeen;
    private int readers;
    private int seen;

    Crowd(EventLoop loop, AtomicInteger loopsBehind, Semaphore allSeen) {
      this.loop = loop;
      this.loopsBehind = loopsBehind;
      this.allSeen = allSeen;
    }

    void join(Fill fill) throws InterruptedException {
      FillCursor cursor = requireNonNull(fill.open(loop, 0, Long.MAX_VALUE, false));
      loop.submit(
              () -> {
                readers++;
                new Reader(cursor, this).run();
              })
          .sync();
    }

    void sawMove() {
      seen++;
      if (seen == readers) {
        seen = 0;
        if (loopsBehind.decrementAndGet() == 0) {
          allSeen.release();
        }
      }
    }
  }

  /** Takes what it sees and waits for more. Threading: confined to its loop. */
  private record Reader(FillCursor cursor, Crowd crowd) implements Runnable {
    @Override
    public void run() {
      do {
        long ahead = cursor.availableBytes();
        cursor.advance(ahead);
        if (ahead > 0) {
          crowd.sawMove();
        }
      } while (!cursor.awaitChange(this) && cursor.look() == FillCursor.Look.BYTES);
    }
  }
}
