package dev.millrace.catalog;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Promise;
import dev.millrace.artifact.StoredArtifact;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The facts about what is stored in one data folder. A blob is recorded for exactly as long as an
 * artifact names it.
 *
 * <p>An interface because SQLite and PostgreSQL both implement it; one contract test suite holds
 * for every implementation.
 *
 * <p>Threading: thread-safe and blocking; never on an event loop.
 *
 * <p>Errors: {@link CatalogException}; a call that throws changed nothing, unless it says {@link
 * CatalogException.Effect#IN_DOUBT}.
 */
public interface Catalog extends AutoCloseable {
  /**
   * How many parts {@link #listBlobs} divides the blobs into: one for each value of the first byte.
   */
  int SHARDS = 256;

  /** The artifact under this key. */
  Optional<StoredArtifact> find(ArtifactKey key);

  /**
   * Records artifacts and their blobs in one transaction, in that order; a key that is already
   * there is replaced and keeps its hits. Blobs that no artifact names any more because of it are
   * removed.
   */
  BlobChange store(Collection<StoredArtifact> artifacts);

  /** Sets the times of a confirmed artifact if it still names that blob; false when it does not. */
  boolean refresh(StoredArtifact refreshed);

  /**
   * Adds access counts and moves last access forward; a key that is not recorded is passed over.
   */
  void touch(Map<ArtifactKey, Access> accesses);

  /** Removes a blob and every artifact that names it, in one transaction. */
  BlobRemoval removeBlob(Digest digest);

  /**
   * The least recently used blobs, oldest first, at most {@code limit}. A blob was last used when
   * any of its artifacts was.
   */
  List<BlobUse> leastRecentlyUsed(int limit);

  /** Visits the blobs whose digest starts with that byte; the visitor may call the catalog. */
  void listBlobs(int shard, Consumer<BlobUse> visitor);

  /** Visits the keys of all artifacts; the visitor may call the catalog. */
  void listKeys(Consumer<ArtifactKey> visitor);

  /**
   * Records what indexes promised, in one transaction; the later of two promises for one name
   * holds.
   */
  void learn(Collection<Promise> promises, long nowMillis);

  /** What that name of a remote was promised to be. */
  Optional<Digest> promised(String remote, String name);

  /** Forgets the promises that were learned first, but for about that many; how many went. */
  int forgetPromises(int keep);

  /** How many artifacts are recorded. */
  long artifactCount();

  /** Whether nothing but this process writes to it. */
  boolean isExclusive();

  /**
   * Whether a key can be recorded at all: a database may bound its length. What cannot is not to be
   * stored. Does not block.
   */
  boolean canHold(ArtifactKey key);

  /** Asks the database for next to nothing; throws when that fails. */
  void check();

  /** How it stands with the database. Does not block. */
  CatalogCounters counters();

  /** The recorded size of a blob; empty when it is not recorded. */
  OptionalLong sizeBytes(Digest digest);

  /** The same, behind every transaction that began before; waits for those that write. */
  OptionalLong settledSizeBytes(Digest digest);

  /** Whether a blob of this digest is recorded, behind every transaction that began before. */
  default boolean hasBlob(Digest digest) {
    return settledSizeBytes(digest).isPresent();
  }

  /** Sum of the sizes of all recorded blobs, in bytes. */
  long totalBlobBytes();

  @Override
  void close();
}
