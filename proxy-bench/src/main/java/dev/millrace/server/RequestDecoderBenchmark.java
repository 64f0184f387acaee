package dev.millrace.server;

import static java.util.Objects.requireNonNull;

import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * What does it cost to read a request head strictly?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar RequestDecoderBenchmark -prof gc}
 *
 * <p>Decision it serves: what of the decoder is worth the work before the system calls of a small
 * hit are, see {@link EmbeddedHitBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {ProductionJvm.COMPACT_HEADERS, ProductionJvm.ASSERTIONS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestDecoderBenchmark {
  @Param private RequestHeads head = RequestHeads.SHORT;

  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new RequestDecoder(
              BenchSettings.process(Path.of("unused"), "http://127.0.0.1:9", Map.of()).limits(),
              () -> {
                throw new IllegalStateException("the head came whole");
              },
              () -> false));
  private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

  /** Makes the head. */
  @Setup
  public void setUp() {
    bytes = head.direct();
    if (!(decode() instanceof DecodedHead.Request)) {
      throw new IllegalStateException("refused");
    }
  }

  /** Gives it back. */
  @TearDown
  public void tearDown() {
    bytes.release();
    channel.finishAndReleaseAll();
  }

  /** Decodes one head that came in one read. */
  @Benchmark
  public Object decode() {
    channel.pipeline().fireChannelRead(bytes.retainedDuplicate());
    channel.pipeline().fireChannelReadComplete();
    return requireNonNull(channel.readInbound());
  }
}
