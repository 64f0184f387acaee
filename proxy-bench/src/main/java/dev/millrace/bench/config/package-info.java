/**
 * Settings of benchmarks, and the JVM options that the proxy runs with.
 *
 * <p>May import {@code dev.millrace.config}. Threads: none of its own. Start reading at {@link
 * dev.millrace.bench.config.BenchSettings}.
 */
@NullMarked
package dev.millrace.bench.config;

import org.jspecify.annotations.NullMarked;
