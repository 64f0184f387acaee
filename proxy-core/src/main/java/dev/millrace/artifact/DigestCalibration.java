package dev.millrace.artifact;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Picks the engine that hashes SHA-256 of direct memory fastest on this machine, by trying each.
 *
 * <p>Limits: {@link #TRIAL} for each engine, half of it to warm up: the JDK's engine is fast only
 * once it was compiled.
 */
public final class DigestCalibration {
  /** How long one engine is tried. */
  public static final Duration TRIAL = Duration.ofMillis(100);

  /** How many times as fast another engine has to be to be chosen. */
  public static final double CLEARLY = 1.1;

  private static final int BLOCK_BYTES = 64 << 10;

  private DigestCalibration() {}

  /**
   * The fastest of the engines, but the first where none is faster by {@link #CLEARLY}: it
   * allocates the least.
   *
   * @param nanos a monotonic clock in nanoseconds
   */
  public static DigestEngine fastest(List<DigestEngine> engines, LongSupplier nanos) {
    DigestEngine best = engines.getFirst();
    double toBeat = -1;
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    for (DigestEngine engine : engines) {
      long warm = blocksWithin(engine, block, nanos);
      long blocks = Math.max(warm, blocksWithin(engine, block, nanos));
      if (blocks > toBeat) {
        best = engine;
        toBeat = toBeat < 0 ? blocks * CLEARLY : blocks;
      }
    }
    return best;
  }

  private static long blocksWithin(DigestEngine engine, ByteBuffer block, LongSupplier nanos) {
    StreamDigest digest = engine.start(DigestAlgorithm.SHA_256);
    long end = nanos.getAsLong() + TRIAL.toNanos() / 2;
    long blocks = 0;
    while (nanos.getAsLong() - end < 0) {
      digest.update(block.clear());
      blocks++;
    }
    digest.finish();
    return blocks;
  }
}
