package dev.millrace.bench.store;

import static java.util.Objects.requireNonNull;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.storage.OpenFile;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does the store cost a hit: look-up, count of the access, lease of the open file?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar HotBlobBenchmark -prof gc}
 *
 * <p>Decision it serves: whether a hit needs a cache in front of index and open files for its
 * look-up's sake, or for that of its system calls only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {
      ProductionJvm.COMPACT_HEADERS,
      ProductionJvm.ASSERTIONS,
      ProductionJvm.NATIVE_ACCESS
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HotBlobBenchmark {
  private static final String TARGET =
      "/api/v1/remote/files/org/example/library/1.2.3/library-1.2.3.jar";
  private static final int PATH_START = "/api/v1/remote/files/".length();
  private static final int BODY_BYTES = 4096;

  private @Nullable ScratchStore scratch;
  private @Nullable StoredArtifact artifact;

  /** Stores one body. */
  @Setup
  public void setUp() throws IOException {
    scratch = ScratchStore.ofFiles();
    artifact = scratch.put(key(), new byte[BODY_BYTES]);
  }

  /** Removes it. */
  @TearDown
  public void tearDown() throws IOException {
    requireNonNull(scratch).close();
  }

  /** Finds the artifact by a key that was just cut out of a target. */
  @Benchmark
  public @Nullable StoredArtifact findHot() {
    return requireNonNull(scratch).store().findHot(key());
  }

  /** Counts an access. */
  @Benchmark
  public void touch() {
    requireNonNull(scratch).store().touch(requireNonNull(artifact).key());
  }

  /** Takes and gives back the two leases of one answer. */
  @Benchmark
  public long openHot() {
    OpenFile file =
        requireNonNull(requireNonNull(scratch).store().openHot(requireNonNull(artifact).digest()));
    FileRegion region = file.region(0, BODY_BYTES);
    long count = region.count();
    region.release();
    file.release();
    return count;
  }

  private static ArtifactKey key() {
    return new ArtifactKey(BenchSettings.REMOTE, TARGET.substring(PATH_START));
  }
}
