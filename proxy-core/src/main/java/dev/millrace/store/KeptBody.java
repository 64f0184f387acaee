package dev.millrace.store;

import dev.millrace.storage.KeptFile;

/**
 * The beginning of a body, left by a fetch or a process that ended before it.
 *
 * <p>Ownership: who was given one by {@link BlobStore#takeKept} ends it by {@link
 * BlobStore#stage(KeptBody)}, {@link BlobStore#giveBack} or {@link BlobStore#drop}.
 *
 * @param file the staged file
 * @param note of what it is the beginning
 */
public record KeptBody(KeptFile file, KeptNote note) {
  /** How much there is of it. */
  public long bytes() {
    return file.sizeBytes();
  }

  /** Whether its bytes need no proof: they are as they were written. */
  public boolean isSure() {
    return file.isSure();
  }
}
