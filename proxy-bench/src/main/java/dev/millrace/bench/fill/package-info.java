/**
 * Benchmarks of a fill: what a piece costs on its way into the file, and what its readers cost.
 *
 * <p>May import {@code dev.millrace.fill} and below. Threads: those of JMH, and event loops. Start
 * reading at {@link dev.millrace.bench.fill.TeeBenchmark}.
 */
@NullMarked
package dev.millrace.bench.fill;

import org.jspecify.annotations.NullMarked;
