/**
 * Benchmarks of the rules that every request passes: route, class, allow and deny lists.
 *
 * <p>May import {@code dev.millrace.route}, {@code format}, {@code policy} and below. Threads:
 * those of JMH. Start reading at {@link dev.millrace.bench.route.RequestRulesBenchmark}.
 */
@NullMarked
package dev.millrace.bench.route;

import org.jspecify.annotations.NullMarked;
