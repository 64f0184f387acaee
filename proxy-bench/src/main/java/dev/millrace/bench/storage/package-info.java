/**
 * Places for the bodies of benchmarks: a folder in memory, and a device that keeps nothing.
 *
 * <p>May import {@code dev.millrace.storage} and below. Threads: those of the caller. Start reading
 * at {@link dev.millrace.bench.storage.ScratchFolder}.
 */
@NullMarked
package dev.millrace.bench.storage;

import org.jspecify.annotations.NullMarked;
