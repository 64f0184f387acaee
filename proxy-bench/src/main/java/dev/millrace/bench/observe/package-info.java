/**
 * Benchmarks of what is counted and logged of a request.
 *
 * <p>May import {@code dev.millrace.observe} and below. Threads: those of JMH and of the log. Start
 * reading at {@link dev.millrace.bench.observe.RequestRecordBenchmark}.
 */
@NullMarked
package dev.millrace.bench.observe;

import org.jspecify.annotations.NullMarked;
