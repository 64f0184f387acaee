package dev.millrace.bench.artifact;

import dev.millrace.artifact.BouncyCastleDigestEngine;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.DigestEngine;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.artifact.StreamDigest;
import java.nio.ByteBuffer;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Which engine hashes a piece fastest, in direct memory and on the heap, and what does it allocate?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar DigestBenchmark -prof gc}
 *
 * <p>Decision it serves: pieces are hashed where they are, in direct memory; and the engine is
 * calibrated at the start and not fixed, since for SHA-256 the engines are near each other on a CPU
 * with SHA instructions and far apart without.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DigestBenchmark {
  /** Bytes of the body that one operation hashes, piece by piece. */
  private static final int BODY_BYTES = 1 << 20;

  @Param({"jdk", "bouncycastle"})
  private String engine = "jdk";

  @Param({"SHA_256", "SHA_512", "SHA_1"})
  private DigestAlgorithm algorithm = DigestAlgorithm.SHA_256;

  @Param({"direct", "heap"})
  private String memory = "direct";

  @Param({"4096", "65536", "131072", "1048576"})
  private int pieceBytes;

  private DigestEngine digests = new JdkDigestEngine();
  private ByteBuffer piece = ByteBuffer.allocate(0);

  /** Makes the engine and a piece. */
  @Setup
  public void setUp() {
    digests = engine.equals("jdk") ? new JdkDigestEngine() : new BouncyCastleDigestEngine();
    piece =
        memory.equals("direct")
            ? ByteBuffer.allocateDirect(pieceBytes)
            : ByteBuffer.allocate(pieceBytes);
  }

  /** Hashes 1 MiB; operations a second are MiB a second. */
  @Benchmark
  public Digest hash() {
    StreamDigest digest = digests.start(algorithm);
    for (int hashed = 0; hashed < BODY_BYTES; hashed += pieceBytes) {
      digest.update(piece.clear());
    }
    return digest.finish();
  }
}
