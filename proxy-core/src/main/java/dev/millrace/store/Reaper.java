package dev.millrace.store;

import static dev.millrace.config.Limits.EVICTION_WINDOW;
import static dev.millrace.config.Limits.UNSETTLED_AT_ONCE;
import static dev.millrace.config.Limits.UNSETTLED_BLOBS_MAX;

import dev.millrace.artifact.Digest;
import dev.millrace.catalog.BlobRemoval;
import dev.millrace.catalog.BlobUse;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.CatalogException;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes blobs away: for space, because they are damaged, or because no row names them.
 *
 * <p><b>What is evicted.</b> Size-aware LRU. Of the {@code EVICTION_WINDOW} least recently used
 * blobs those count as old that have been idle for at least half as long as the idlest one; among
 * the old the largest goes first, of equal ones the idlest. So recency decides between ages that
 * differ by more than a factor of two, and size decides between the others: one idle image makes
 * the room that a thousand small packages of the same age would have to make. The choice is
 * repeated until the room is made.
 *
 * <p><b>The order of a removal.</b> Rows, then the index, then the open file, then the name. A
 * crash in between leaves a file without a row, which the next start removes; never a row without a
 * file. A reader that holds a lease reads on to the end, since unlinking does not disturb it.
 *
 * <p><b>The race that the one writer thread prevents.</b> (1) An eviction removes the rows of blob
 * D. (2) A fill with the same bytes commits: the file of D is there, so its own copy is dropped,
 * and the new row names D. (3) The eviction unlinks D. The catalog now names a blob that is gone.
 * On one thread step 2 comes before 1, and then the new row goes too, or after 3, and then the file
 * is published anew.
 *
 * <p>Threading: confined to the writer thread.
 */
final class Reaper {
  private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);

  private final Storage storage;
  private final Catalog catalog;
  private final Shelf shelf;
  private final InstantSource clock;
  private final Set<Digest> unsettled = new LinkedHashSet<>();
  private boolean ledgerStale;

  Reaper(Storage storage, Catalog catalog, Shelf shelf, InstantSource clock) {
    this.storage = storage;
    this.catalog = catalog;
    this.shelf = shelf;
    this.clock = clock;
  }

  /** Evicts until at least that many bytes are gone or nothing is left. */
  void evict(long bytes) {
    long gone = 0;
    while (gone < bytes) {
      List<BlobUse> oldest = catalog.leastRecentlyUsed(EVICTION_WINDOW);
      if (oldest.isEmpty()) {
        return;
      }
      for (BlobUse victim : inOrder(oldest, clock.millis())) {
        if (gone >= bytes) {
          return;
        }
        long freed = remove(victim.digest());
        gone += freed;
        shelf.meter().evictions.increment();
        shelf.meter().evictedBytes.add(freed);
      }
    }
  }

  /**
   * The old ones of a window, in the order in which they go. Never empty for a window that is not.
   */
  static List<BlobUse> inOrder(List<BlobUse> oldestFirst, long nowMillis) {
    long longestIdle = nowMillis - oldestFirst.getFirst().lastAccessMillis();
    List<BlobUse> old = new ArrayList<>();
    for (BlobUse use : oldestFirst) {
      if (nowMillis - use.lastAccessMillis() >= longestIdle / 2 || old.isEmpty()) {
        old.add(use);
      }
    }
    old.sort(
        Comparator.comparingLong(BlobUse::sizeBytes)
            .reversed()
            .thenComparingLong(BlobUse::lastAccessMillis));
    return old;
  }

  /** Removes whichever of row and file is alone, and both where they do not match. */
  void reconcile(Digest digest) {
    OptionalLong recorded = catalog.settledSizeBytes(digest);
    OptionalLong found;
    try {
      found = storage.sizeBytes(digest);
    } catch (IOException e) {
      LOG.warn("cannot look at {}: {}", digest, e.toString());
      return;
    }
    if (recorded.isPresent() && !recorded.equals(found)) {
      LOG.warn("{} is recorded with {} and found with {}: removed", digest, recorded, found);
      remove(digest);
      shelf.meter().healed.increment();
    } else if (recorded.isEmpty() && found.isPresent()) {
      unname(digest);
      shelf.meter().orphansRemoved.increment();
    }
  }

  /**
   * Remembers a blob of which it is not known whether the catalog names it: its database went away
   * while it was being asked to. Limits: {@code UNSETTLED_BLOBS_MAX}; of one more the file stays
   * until the next start if nothing names it.
   */
  void settleLater(Digest digest) {
    if (unsettled.size() < UNSETTLED_BLOBS_MAX) {
      unsettled.add(digest);
    } else {
      LOG.warn("{} stays until the next start", digest);
    }
  }

  /**
   * Looks at some of those again, and at how much is recorded once it has looked at all.
   *
   * <p>Errors: {@link dev.millrace.catalog.CatalogException} when the catalog cannot be asked;
   * those that were not looked at remain.
   */
  void settle() {
    if (unsettled.isEmpty() && !ledgerStale) {
      return;
    }
    ledgerStale = true;
    for (Digest digest : unsettled.stream().limit(UNSETTLED_AT_ONCE).toList()) {
      reconcile(digest);
      unsettled.remove(digest);
    }
    if (unsettled.isEmpty()) {
      shelf.ledger().recorded(catalog.totalBlobBytes() - shelf.ledger().usedBytes());
      ledgerStale = false;
    }
  }

  /** Lets go of a blob whose rows are gone already. */
  void unname(Digest digest) {
    shelf.files().forget(digest);
    unlink(digest);
  }

  private long remove(Digest digest) {
    BlobRemoval removal;
    try {
      removal = catalog.removeBlob(digest);
    } catch (CatalogException e) {
      if (e.effect() == CatalogException.Effect.IN_DOUBT) {
        settleLater(digest);
      }
      throw e;
    }
    shelf.ledger().recorded(-removal.sizeBytes());
    shelf.index().forget(removal.keys());
    unname(digest);
    return removal.sizeBytes();
  }

  private void unlink(Digest digest) {
    try {
      storage.delete(digest);
    } catch (IOException e) {
      // No row names it any more: it only takes space until the next start.
      LOG.warn("{} cannot be removed: {}", digest, e.toString());
      shelf.meter().unlinkFailures.increment();
    }
  }
}
