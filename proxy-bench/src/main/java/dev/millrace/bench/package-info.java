/**
 * Benchmarks of the proxy.
 *
 * <p>Each class says its question, its command and the decision it served. May import every package
 * of {@code proxy-core}; nothing imports this one. Threads: those of JMH. Start reading at the
 * class named after the question.
 */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
