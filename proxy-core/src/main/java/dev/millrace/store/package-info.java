/**
 * The blob store: look-up, staging, group commit, eviction, recovery.
 *
 * <p>Floor 2: imports floors 0 and 1. Threading: look-ups in memory on any thread; everything that
 * changes the catalog or the blobs' names runs on one writer thread, so a commit and an eviction of
 * the same blob never interleave. Owns: the open-file cache, the in-memory index, the quota's
 * ledger. Start reading at {@link dev.millrace.store.BlobStore}.
 */
@NullMarked
package dev.millrace.store;

import org.jspecify.annotations.NullMarked;
