package dev.millrace.storage;

import java.io.IOException;

/**
 * A body that is being written and has no name yet. Used once: whatever happens in between, it ends
 * by {@link #discard}.
 *
 * <p>Threading: written by one fill thread at a time; the open file may be read on any thread.
 *
 * <p>Ownership: holds one lease on its open file until {@link #discard}.
 */
public interface StagedFile {
  /**
   * The open file, for writing and for readers that follow. Ownership: not retained for the caller.
   */
  OpenFile file();

  /**
   * Makes the bytes durable ({@code fdatasync}). Errors: final; the file must then be discarded.
   */
  void sync() throws IOException;

  /**
   * Puts a note beside the file, so that it outlives the process and can be {@linkplain
   * Storage#reopen reopened}. Errors: without the note it is swept like any other.
   */
  void describe(String note) throws IOException;

  /** Removes the note again. Errors: it may still be there. */
  void forget() throws IOException;

  /**
   * Ends the duty and leaves file and note where they are. Errors: the caller has to discard it.
   */
  KeptFile keep() throws IOException;

  /**
   * Ends the duty: gives back its own lease, and unlinks the file unless {@link Storage#publish}
   * gave it a name. Harmless a second time. Errors: a file that cannot be unlinked stays for the
   * next start's sweep.
   */
  void discard();
}
