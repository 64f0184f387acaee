package dev.millrace.storage;

import java.io.IOException;

/**
 * A body that is being written and has no name yet. Used once: it ends by {@link Storage#publish}
 * or by {@link #discard}.
 *
 * <p>Threading: written by one fill thread at a time; the open file may be read on any thread.
 */
public interface StagedFile {
  /**
   * The open descriptor, for writing and for readers that follow. Ownership: not retained for the
   * caller.
   */
  OpenFile file();

  /**
   * Makes the bytes durable ({@code fdatasync}). Errors: final; the file must then be discarded.
   */
  void sync() throws IOException;

  /** Unlinks it and gives back its own lease; harmless after publish or a second time. */
  void discard();
}
