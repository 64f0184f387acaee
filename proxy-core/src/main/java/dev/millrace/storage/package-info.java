/**
 * Where bodies lie: the files of the data folder, staged while they grow and published under their
 * digest.
 *
 * <p>Floor 1: imports {@code artifact}, {@code config}, {@code observe}. Threading: every call
 * blocks on the disk and is made off the event loops, except {@link
 * dev.millrace.storage.OpenFile}'s lease counting. Owns: file descriptors and the layout of {@code
 * docs/ON_DISK.md}. Start reading at {@link dev.millrace.storage.Storage}.
 */
@NullMarked
package dev.millrace.storage;

import org.jspecify.annotations.NullMarked;
