/**
 * Results: where they came from, what they say together, tables and plots of them.
 *
 * <p>Imports {@code scenario} and Jackson. Threads: the caller's. Owns: the files under {@code
 * docs/benchmarks}. Start reading at {@link dev.millrace.bench.report.Report}.
 */
@NullMarked
package dev.millrace.bench.report;

import org.jspecify.annotations.NullMarked;
