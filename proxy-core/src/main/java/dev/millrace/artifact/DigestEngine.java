package dev.millrace.artifact;

/** A provider of {@link StreamDigest}s. Threading: thread-safe. */
public interface DigestEngine {
  /** A short name for readiness and benchmarks, such as {@code jdk}. */
  String name();

  /** Starts a hash. */
  StreamDigest start(DigestAlgorithm algorithm);
}
