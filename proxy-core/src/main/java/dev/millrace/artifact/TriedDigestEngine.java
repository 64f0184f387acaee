package dev.millrace.artifact;

import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For SHA-256 the engine that {@link DigestCalibration} finds fastest; the first of the candidates
 * until the trial has ended, so that a start need not wait for it. Other algorithms, which few
 * bodies are promised by, are left to the first: what is fast at one is not at all (decision 11). A
 * hash that has begun stays with its engine.
 *
 * <p>Threading: thread-safe; {@link #tryAll} blocks for the trial.
 */
public final class TriedDigestEngine implements DigestEngine {
  private static final Logger LOG = LoggerFactory.getLogger(TriedDigestEngine.class);

  private final List<DigestEngine> candidates;
  private final LongSupplier nanos;
  private volatile DigestEngine chosen;

  /**
   * The first of the candidates, for now.
   *
   * @param nanos a monotonic clock in nanoseconds
   */
  public TriedDigestEngine(List<DigestEngine> candidates, LongSupplier nanos) {
    this.candidates = List.copyOf(candidates);
    this.nanos = nanos;
    chosen = candidates.getFirst();
  }

  /** Tries each candidate. Errors: when one does not work here, the first stays chosen. */
  public void tryAll() {
    try {
      chosen = DigestCalibration.fastest(candidates, nanos);
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("the digest engines could not be compared: {}", e.toString());
    }
    LOG.info("digests by {}", chosen.name());
  }

  @Override
  public String name() {
    return chosen.name();
  }

  @Override
  public StreamDigest start(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm.SHA_256
        ? chosen.start(algorithm)
        : candidates.getFirst().start(algorithm);
  }
}
