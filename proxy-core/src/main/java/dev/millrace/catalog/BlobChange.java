package dev.millrace.catalog;

import dev.millrace.artifact.Digest;
import java.util.List;

/**
 * What recording artifacts did to the recorded blobs.
 *
 * @param bytesDelta by how much {@link Catalog#totalBlobBytes} went up, or down where it is
 *     negative
 * @param removed blobs that no artifact names any more and that are no longer recorded
 */
public record BlobChange(long bytesDelta, List<Digest> removed) {
  /** Takes a copy. */
  public BlobChange {
    removed = List.copyOf(removed);
  }
}
