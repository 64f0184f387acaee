/**
 * Benchmarks of digests.
 *
 * <p>May import {@code dev.millrace.artifact}. Threads: those of JMH. Start reading at {@link
 * dev.millrace.bench.artifact.DigestBenchmark}.
 */
@NullMarked
package dev.millrace.bench.artifact;

import org.jspecify.annotations.NullMarked;
