/**
 * Benchmarks of the store, and a store for those of the floors above.
 *
 * <p>May import {@code dev.millrace.store} and below. Threads: those of JMH and of the store. Start
 * reading at {@link dev.millrace.bench.store.HotBlobBenchmark}.
 */
@NullMarked
package dev.millrace.bench.store;

import org.jspecify.annotations.NullMarked;
