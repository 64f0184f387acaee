/**
 * The commands of {@code bin/millrace-bench}.
 *
 * <p>Imports every package of the tool. Threads: the main thread. Owns: the temporary folder of a
 * command. Start reading at {@link dev.millrace.bench.cli.BenchCommand}.
 */
@NullMarked
package dev.millrace.bench.cli;

import org.jspecify.annotations.NullMarked;
