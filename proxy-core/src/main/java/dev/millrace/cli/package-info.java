/**
 * The command line: {@code serve}, {@code check-config}, and how the process ends.
 *
 * <p>Floor 6: may import every package but {@code Main}; imports {@code config} only. What it
 * starts comes in as a {@link dev.millrace.cli.NodeFactory}. Threads: the main thread waits here
 * while the proxy runs, and the shutdown hook drains it. Owns: nothing. Start reading at {@link
 * dev.millrace.cli.Cli}.
 */
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
