package dev.millrace.bench.fill;

import static java.util.Objects.requireNonNull;

import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.bench.store.ScratchStore;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a MiB of body cost between the origin's loop and the frontier, and which part of it?
 *
 * <p>The whole is a real {@link dev.millrace.fill.Fill} into a new file on tmpfs, with SHA-256. A
 * part alone is the same fill with the other parts taken out: a device that keeps nothing, an
 * engine that hashes nothing. What is left with neither is the queue, the frontier and one empty
 * system call for each chunk.
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar TeeBenchmark -prof gc}
 *
 * <p>Decision it serves: how large one socket read is ({@code Limits.READ_BUFFER_BYTES}), and
 * whether the hash may stay on the fill thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {ProductionJvm.COMPACT_HEADERS, ProductionJvm.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TeeBenchmark {
  private static final int BODY_MIB = 16;
  private static final int BODY_BYTES = BODY_MIB << 20;

  /** What is left in. */
  public enum Part {
    TEE(true, true),
    WRITE(true, false),
    DIGEST(false, true),
    PUBLISH(false, false);

    private final boolean writes;
    private final boolean hashes;

    Part(boolean writes, boolean hashes) {
      this.writes = writes;
      this.hashes = hashes;
    }
  }

  @Param private Part part = Part.TEE;

  @Param({"16384", "65536", "131072", "262144"})
  private int chunkBytes;

  private @Nullable ScratchStore scratch;
  private @Nullable DrivenFill fill;

  /** Opens a store. */
  @Setup
  public void setUp() throws IOException {
    scratch = part.writes ? ScratchStore.ofFiles() : ScratchStore.ofNothing();
    fill =
        new DrivenFill(
            scratch.store(),
            part.hashes ? new JdkDigestEngine() : new NoDigestEngine(),
            BenchSettings.remote());
  }

  /** Removes it. */
  @TearDown
  public void tearDown() throws IOException {
    requireNonNull(scratch).close();
  }

  /** One fill of 16 MiB; operations a second are MiB a second. */
  @Benchmark
  @OperationsPerInvocation(BODY_MIB)
  public long mebibyte() {
    DrivenFill driven = requireNonNull(fill);
    var running = driven.start(BODY_BYTES);
    for (int sent = 0; sent < BODY_BYTES; sent += chunkBytes) {
      ByteBuf chunk = ByteBufAllocator.DEFAULT.directBuffer(chunkBytes, chunkBytes);
      // As if the socket had filled it.
      driven.piece(chunk.writerIndex(chunkBytes));
    }
    driven.end();
    return running.frontier();
  }
}
