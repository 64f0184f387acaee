package dev.millrace.catalog;

import dev.millrace.artifact.ArtifactKey;
import java.util.List;

/**
 * What went with a blob that was removed from the catalog.
 *
 * @param sizeBytes its recorded size, 0 when it was not recorded
 * @param keys the artifacts that named it
 */
public record BlobRemoval(long sizeBytes, List<ArtifactKey> keys) {
  /** Takes a copy. */
  public BlobRemoval {
    keys = List.copyOf(keys);
  }
}
