/**
 * The gate: figures that may not get worse, and the planted regressions that show that it would see
 * it.
 *
 * <p>Imports {@code rig}, {@code peer}, {@code scenario} and {@code report}. Threads: the caller's.
 * Owns: copies of the source tree with a plant in them. Start reading at {@link
 * dev.millrace.bench.gate.Gate}.
 */
@NullMarked
package dev.millrace.bench.gate;

import org.jspecify.annotations.NullMarked;
