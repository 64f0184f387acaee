package dev.millrace.catalog;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The facts about what is stored.
 *
 * <p>An interface because SQLite and PostgreSQL both implement it; one contract test suite holds
 * for every implementation.
 *
 * <p>Threading: thread-safe and blocking; never on an event loop.
 *
 * <p>Errors: {@link CatalogException}; a call that throws changed nothing.
 */
public interface Catalog extends AutoCloseable {
  /** The artifact under this key. */
  Optional<StoredArtifact> find(ArtifactKey key);

  /**
   * Records artifacts and their blobs in one transaction; a key that is already there is replaced.
   * Returns the digests of blobs that no artifact names any more because of it.
   */
  List<Digest> store(Collection<StoredArtifact> artifacts);

  /** Sets the times of a confirmed artifact if it still names that blob; false when it does not. */
  boolean refresh(StoredArtifact refreshed);

  /** Adds access counts and sets last access. */
  void touch(Map<ArtifactKey, Access> accesses);

  /**
   * Removes a blob and every artifact that names it, in one transaction; returns those artifacts'
   * keys.
   */
  List<ArtifactKey> removeBlob(Digest digest);

  /** The least recently used blobs, oldest first, at most {@code limit}. */
  List<BlobUse> leastRecentlyUsed(int limit);

  /** Visits every blob's digest and size. */
  void listBlobs(Consumer<BlobUse> visitor);

  /** Whether a blob of this digest is recorded. */
  boolean hasBlob(Digest digest);

  /** Sum of the sizes of all recorded blobs, in bytes. */
  long totalBlobBytes();

  @Override
  void close();
}
