package dev.millrace.artifact;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Picks the engine that hashes SHA-256 of direct memory fastest on this machine, by trying each.
 *
 * <p>Limits: {@link #TRIAL} for each engine, half of it to warm up.
 */
public final class DigestCalibration {
  /** How long one engine is tried. */
  public static final Duration TRIAL = Duration.ofMillis(25);

  private static final int BLOCK_BYTES = 64 << 10;

  private DigestCalibration() {}

  /**
   * The fastest of the engines; the first wins a tie.
   *
   * @param nanos a monotonic clock in nanoseconds
   */
  public static DigestEngine fastest(List<DigestEngine> engines, LongSupplier nanos) {
    DigestEngine best = engines.getFirst();
    long bestBlocks = -1;
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    for (DigestEngine engine : engines) {
      long warm = blocksWithin(engine, block, nanos);
      long blocks = Math.max(warm, blocksWithin(engine, block, nanos));
      if (blocks > bestBlocks) {
        best = engine;
        bestBlocks = blocks;
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
