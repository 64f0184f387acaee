package dev.millrace.store;

import dev.millrace.artifact.Digest;
import java.io.IOException;

/** A blob is not there, or not of the recorded size: the caller treats its artifact as a miss. */
public final class BlobMissingException extends IOException {
  private static final long serialVersionUID = 1L;

  BlobMissingException(Digest digest, String found) {
    super(digest + ": " + found);
  }
}
