package dev.millrace.store;

import static dev.millrace.config.Limits.INDEX_BYTES_MAX;
import static dev.millrace.config.Limits.INDEX_HEAP_SHARE;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.Catalog;
import dev.millrace.config.Limits;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts remembered in memory, so that a hot key asks no database.
 *
 * <p>A look-up that is on its way stands in the map as an unfinished future. That joins askers of
 * one key, and it closes this race: (1) a look-up reads row A, (2) a commit replaces A by B in the
 * catalog and puts B here, (3) the look-up puts A here, where it would stay. Since step 2 replaces
 * the unfinished future, step 3 completes a future that nobody finds any more. Removing a blob's
 * keys does the same.
 *
 * <p>Limits: {@code INDEX_BYTES_MAX} of heap or its {@code INDEX_HEAP_SHARE}th part, since paths
 * and fields are as long as clients and upstreams make them; the less useful ones go. Absence is
 * not remembered.
 *
 * <p>Threading: thread-safe; reading takes no lock, no lock is held during I/O.
 */
final class ArtifactIndex {
  private static final CompletionStage<Optional<StoredArtifact>> ABSENT =
      CompletableFuture.completedStage(Optional.empty());

  private final Cache<ArtifactKey, CompletableFuture<Optional<StoredArtifact>>> entries =
      Caffeine.newBuilder()
          .maximumWeight(Limits.ofHeap(INDEX_HEAP_SHARE, INDEX_BYTES_MAX))
          .weigher(ArtifactIndex::heapBytes)
          .executor(Runnable::run)
          .build();
  private final Catalog catalog;
  private final Lookups lookups;
  private final KnownKeys known;

  ArtifactIndex(Catalog catalog, Lookups lookups, KnownKeys known) {
    this.known = known;
    this.catalog = catalog;
    this.lookups = lookups;
  }

  /** What memory knows under the key, or null. */
  @Nullable StoredArtifact hot(ArtifactKey key) {
    return finished(entries.getIfPresent(key));
  }

  /** The same, asking the catalog where memory knows nothing. */
  CompletionStage<Optional<StoredArtifact>> find(ArtifactKey key) {
    if (!known.mayKnow(key)) {
      return ABSENT;
    }
    CompletableFuture<Optional<StoredArtifact>> fresh = new CompletableFuture<>();
    CompletableFuture<Optional<StoredArtifact>> held = entries.asMap().putIfAbsent(key, fresh);
    if (held != null) {
      return held;
    }
    lookups.run(() -> catalog.find(key), new Asked(key, fresh));
    return fresh;
  }

  private static int heapBytes(ArtifactKey key, CompletableFuture<Optional<StoredArtifact>> entry) {
    StoredArtifact known = finished(entry);
    return known == null ? key.heapBytes() : known.heapBytes();
  }

  /**
   * The one look-up behind an unfinished entry; an entry that knows nothing leaves before it ends.
   */
  private final class Asked implements Lookups.Outcome<Optional<StoredArtifact>> {
    private final ArtifactKey key;
    private final CompletableFuture<Optional<StoredArtifact>> entry;

    Asked(ArtifactKey key, CompletableFuture<Optional<StoredArtifact>> entry) {
      this.key = key;
      this.entry = entry;
    }

    @Override
    public void found(Optional<StoredArtifact> result) {
      if (result.isEmpty()) {
        entries.asMap().remove(key, entry);
      }
      entry.complete(result);
      // Weighed again: before, nothing was known of its head.
      entries.asMap().replace(key, entry, entry);
    }

    @Override
    public void failed(Throwable cause) {
      entries.asMap().remove(key, entry);
      entry.completeExceptionally(cause);
    }
  }

  /** A commit recorded it. */
  void put(StoredArtifact artifact) {
    known.add(artifact.key());
    entries.put(artifact.key(), CompletableFuture.completedFuture(Optional.of(artifact)));
  }

  /** The catalog may have recorded it: the next look-up is to ask. */
  void mayKnow(ArtifactKey key) {
    known.add(key);
  }

  /**
   * Its times were confirmed: sets them if memory still names that blob. An unfinished look-up is
   * let go, for it may have read the times before.
   */
  void refresh(StoredArtifact refreshed) {
    entries
        .asMap()
        .computeIfPresent(
            refreshed.key(),
            (key, held) -> {
              StoredArtifact known = finished(held);
              if (known == null) {
                return null;
              }
              if (!known.digest().equals(refreshed.digest())) {
                return held;
              }
              // The times alone: a commit of equal bytes may have brought a newer head.
              StoredArtifact updated =
                  known.refreshed(refreshed.validatedAtMillis(), refreshed.expiresAtMillis());
              return CompletableFuture.completedFuture(Optional.of(updated));
            });
  }

  /** These keys are no longer recorded. */
  void forget(Collection<ArtifactKey> keys) {
    entries.invalidateAll(keys);
  }

  /** About how many are remembered. */
  long size() {
    return entries.estimatedSize();
  }

  private static @Nullable StoredArtifact finished(
      @Nullable CompletableFuture<Optional<StoredArtifact>> entry) {
    if (entry == null || !entry.isDone() || entry.isCompletedExceptionally()) {
      return null;
    }
    return entry.join().orElse(null);
  }
}
