package dev.millrace.store;

import dev.millrace.artifact.Digest;
import dev.millrace.catalog.Catalog;
import dev.millrace.storage.PublishedBlob;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares catalog and files once after the start, shard by shard, while the store is in use.
 *
 * <p>It only suspects: a row without a file of its size, or a file of an earlier process without a
 * row. The writer looks at each suspect again before it removes anything, so a blob that is being
 * committed or evicted meanwhile is judged by its state then, not by the state of the listing.
 *
 * <p>Limits: holds one shard's names, a 256th of all. Threading: a thread of its own.
 */
final class Recovery implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** Suspects of one piece of work, so that commits do not wait long behind it. */
  private static final int SUSPECTS_AT_ONCE = 64;

  private final Storage storage;
  private final Catalog catalog;
  private final KnownKeys known;
  private final StoreWriter writer;
  private final StoreMeter meter;
  private final long startedAtMillis;
  private volatile boolean stopping;
  private volatile boolean done;

  Recovery(
      Storage storage,
      Catalog catalog,
      KnownKeys known,
      StoreWriter writer,
      StoreMeter meter,
      long startedAtMillis) {
    this.storage = storage;
    this.catalog = catalog;
    this.known = known;
    this.writer = writer;
    this.meter = meter;
    this.startedAtMillis = startedAtMillis;
  }

  /** Whether every shard has been looked at. */
  boolean isDone() {
    return done;
  }

  /** Ends it after the shard it is at. */
  void stop() {
    stopping = true;
  }

  @Override
  public void run() {
    try {
      known.load(catalog);
    } catch (RuntimeException e) {
      LOG.warn("the keys could not be read, each miss asks the catalog: {}", e.toString());
    }
    int skipped = 0;
    String lastReason = "";
    for (int shard = 0; shard < Storage.SHARDS && !stopping; shard++) {
      try {
        settle(suspects(shard));
      } catch (IOException | RuntimeException e) {
        // The other shards are independent; this one is compared again at the next start.
        skipped++;
        lastReason = e.toString();
      } catch (InterruptedException e) {
        throw new IllegalStateException("the recovery thread must not be interrupted", e);
      }
    }
    if (skipped > 0) {
      LOG.warn("{} shards could not be compared, the last one: {}", skipped, lastReason);
    }
    done = !stopping;
  }

  private List<Digest> suspects(int shard) throws IOException {
    Map<Digest, PublishedBlob> files = new HashMap<>();
    meter.unknownFiles.add(storage.list(shard, found -> files.put(found.digest(), found)));
    List<Digest> suspects = new ArrayList<>();
    catalog.listBlobs(
        shard,
        row -> {
          PublishedBlob file = files.remove(row.digest());
          if (file == null || file.sizeBytes() != row.sizeBytes()) {
            suspects.add(row.digest());
          }
        });
    for (PublishedBlob file : files.values()) {
      if (file.modifiedAtMillis() < startedAtMillis) {
        suspects.add(file.digest());
      }
    }
    return suspects;
  }

  private void settle(List<Digest> suspects) throws InterruptedException {
    for (int from = 0; from < suspects.size() && !stopping; from += SUSPECTS_AT_ONCE) {
      int to = Math.min(suspects.size(), from + SUSPECTS_AT_ONCE);
      CompletableFuture<Void> settled = new CompletableFuture<>();
      if (!writer.offerPatiently(
          new Work.Reconcile(List.copyOf(suspects.subList(from, to)), settled))) {
        return;
      }
      settled.join();
    }
  }
}
