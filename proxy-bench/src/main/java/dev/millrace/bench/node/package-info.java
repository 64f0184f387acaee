/**
 * Benchmarks of a whole node in this JVM, over real sockets.
 *
 * <p>May import everything. Threads: those of JMH and of the node. Start reading at {@link
 * dev.millrace.bench.node.SmallHitBenchmark}.
 */
@NullMarked
package dev.millrace.bench.node;

import org.jspecify.annotations.NullMarked;
