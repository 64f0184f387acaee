package dev.millrace.server;

import static java.util.Objects.requireNonNull;

import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.serve.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does the head of a hit cost, made of fields and encoded into a buffer?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar ResponseHeadBenchmark -prof gc}
 *
 * <p>Decision it serves: whether the bytes of a stored artifact's head are worth keeping with it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {ProductionJvm.COMPACT_HEADERS, ProductionJvm.ASSERTIONS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResponseHeadBenchmark {
  private static final DecodedHead.Request HEAD_REQUEST =
      new DecodedHead.Request("HEAD", "/", EmptyHttpHeaders.INSTANCE, true, true, false);

  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final Answering answering = new Answering(new DateField(InstantSource.system()));
  private final ResponseHead made = hit();

  /** Gives back what the channel holds. */
  @TearDown
  public void tearDown() {
    channel.finishAndReleaseAll();
  }

  /** The fields of a hit, every value known already. */
  @Benchmark
  public ResponseHead fields() {
    return hit();
  }

  private static ResponseHead hit() {
    return new ResponseHead(200)
        .field("X-Artifact-Source", "cache")
        .field("Cache-Status", "millrace; hit")
        .field("ETag", "\"67a3c1f5-1000\"")
        .field("Last-Modified", "Wed, 05 Feb 2025 20:01:25 GMT")
        .field("Content-Type", "application/java-archive")
        .field("Content-Encoding", null)
        .field("Content-Disposition", null)
        .field("Content-Language", null)
        .field("Accept-Ranges", "bytes")
        .field("Repr-Digest", "sha-256=:RK/5kOiLjZUPqmPCQjIz9cD44gKEYxWBoGhBiyNUHOA=:")
        .length(4096);
  }

  /** Encodes and writes them, and ends the answer. */
  @Benchmark
  public int encode() {
    Http1Responder responder =
        new Http1Responder(
            channel.pipeline().lastContext(),
            HEAD_REQUEST,
            answering,
            new FileDelivery(null, 0, null));
    responder.head(made);
    responder.end();
    ByteBuf sent = requireNonNull(channel.readOutbound());
    int bytes = sent.readableBytes();
    sent.release();
    return bytes;
  }

  /** A connection that has nothing to do. */
  private record Answering(DateField field) implements Http1Responder.Listener {
    @Override
    public boolean isClosing() {
      return false;
    }

    @Override
    public String date() {
      return field.now();
    }

    @Override
    public void responseEnded(boolean keepAlive) {}

    @Override
    public void responseFailed(Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }
}
