package dev.millrace.bench.observe;

import static java.util.Objects.requireNonNull;

import dev.millrace.artifact.Digest;
import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.Outcome;
import dev.millrace.observe.RequestLine;
import dev.millrace.observe.RequestLog;
import dev.millrace.observe.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What do the counters and the log line of one request cost, on the event loop and behind it?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar RequestRecordBenchmark -prof gc}
 *
 * <p>Decision it serves: whether the line may be made of objects for each request, and whether its
 * writer keeps up with small hits.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {ProductionJvm.COMPACT_HEADERS, ProductionJvm.ASSERTIONS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestRecordBenchmark {
  /** Lines in flight; far below the log's queue, so that none is dropped. */
  private static final int LINES = 1024;

  private static final String TARGET =
      "/api/v1/remote/files/org/example/library/1.2.3/library-1.2.3.jar";
  private static final Digest DIGEST = Digest.sha256("ab".repeat(32));

  private final Metrics metrics = new Metrics(List.of(BenchSettings.REMOTE));
  private final LineCounter written = new LineCounter();
  private @Nullable RequestLog log;

  /** Opens a log that goes nowhere. */
  @Setup
  public void setUp() throws IOException {
    PrintStream out = new PrintStream(written, false, StandardCharsets.US_ASCII);
    log = RequestLog.open("stdout", out, out);
  }

  /** Ends it. */
  @TearDown
  public void tearDown() {
    RequestLog ended = requireNonNull(log);
    ended.close();
    if (ended.droppedLines() > 0) {
      throw new IllegalStateException(ended.droppedLines() + " lines were dropped");
    }
  }

  /** Counts a hit. */
  @Benchmark
  public void count() {
    metrics.requestFinished(Outcome.HIT, 4096);
    metrics.firstByteSent(120_000);
    metrics.remote(BenchSettings.REMOTE).requestFinished(Source.CACHE, 4096);
  }

  /** Makes the line of a hit and hands it over. */
  @Benchmark
  public RequestLine line() {
    return hit();
  }

  /** Makes, hands over and writes a line; the slower of loop and writer sets the time. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void write() {
    long before = written.lines.get();
    RequestLog to = requireNonNull(log);
    for (int i = 0; i < LINES; i++) {
      to.offer(hit());
    }
    while (written.lines.get() < before + LINES) {
      Thread.onSpinWait();
    }
  }

  private static RequestLine hit() {
    return new RequestLine(
        Instant.now(),
        new RequestLine.Asked("GET", BenchSettings.REMOTE, TARGET, "127.0.0.1", "curl/8.0"),
        new RequestLine.Answer(
            200, RequestLine.End.of(Outcome.HIT, Source.CACHE), 4096, 120, 150, DIGEST),
        null);
  }

  /** Counts the lines that arrive. Threading: written by the log's thread alone. */
  private static final class LineCounter extends OutputStream {
    private final AtomicLong lines = new AtomicLong();

    @Override
    public void write(int oneByte) {
      throw new UnsupportedOperationException("the log writes batches");
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      long ends = 0;
      for (int i = from; i < from + length; i++) {
        ends += bytes[i] == '\n' ? 1 : 0;
      }
      lines.addAndGet(ends);
    }
  }
}
