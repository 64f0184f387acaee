/**
 * The composition root: {@link dev.millrace.Main} and nothing else.
 *
 * <p>Floor 6: may import every package. Threads: starts and ends all of them. Owns the clocks.
 * Start reading at {@code Main.main}.
 */
@NullMarked
package dev.millrace;

import org.jspecify.annotations.NullMarked;
