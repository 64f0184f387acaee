package dev.millrace.store;

import static dev.millrace.config.Limits.AVOIDED_FOR;
import static dev.millrace.config.Limits.AVOIDED_KEYS_MAX;
import static dev.millrace.config.Limits.KEPT_QUOTA_SHARE;
import static dev.millrace.config.Limits.OPEN_FILES_MAX;
import static dev.millrace.config.Limits.STORE_CLOSE_MILLIS;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.CatalogException;
import dev.millrace.config.SpoolLimits;
import dev.millrace.storage.OpenFile;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored artifacts: look-up, staging, commit, eviction, recovery.
 *
 * <pre>
 * find, findHot ──► ArtifactIndex ──miss──► Catalog            touch ──► AccessBatch ─┐
 * open, openHot ──► OpenFileCache ──miss──► Storage                                   │
 * stage ──► Space (Ledger, volume) ──► StagedBlob ──commit──► StoreWriter ◄───────────┘
 *                                                              ├─ CommitRound: sync, name, record
 *                                             Recovery ──────► └─ Reaper: evict, heal
 * </pre>
 *
 * <p>A blob is bytes under their digest; an artifact is a key that names one. Equal bytes are kept
 * once, for any number of keys and remotes.
 *
 * <p>Limits: the quota is exceeded by at most what the running bodies have reserved.
 *
 * <p>Threading: thread-safe. {@link #findHot}, {@link #openHot}, {@link #touch} and {@link
 * #refresh} may be called on an event loop; {@link #find} and {@link #open} too, their work runs
 * elsewhere; {@link #stage} blocks. Stages complete on the thread that did the work, or on the
 * caller's when there was none.
 *
 * <p>Ownership: storage and catalog belong to the caller, who closes them after this.
 */
public final class BlobStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobStore.class);

  private final Storage storage;
  private final Catalog catalog;
  private final InstantSource clock;
  private final StoreMeter meter = new StoreMeter();
  private final AccessBatch accesses = new AccessBatch(meter.accessDrops);
  private final ArtifactIndex index;
  private final LearnedPromises promises;
  private final OpenFileCache files;
  private final Ledger ledger;
  private final KeptBodies kept;
  private final Executor blocking;
  private final StoreWriter writer;
  private final Space space;
  private final Recovery recovery;
  private final List<Thread> threads;
  private final Cache<ArtifactKey, Boolean> avoided;

  private BlobStore(
      Storage storage,
      Catalog catalog,
      Ledger ledger,
      KeptBodies kept,
      InstantSource clock,
      StoreThreads storeThreads) {
    this.kept = kept;
    this.blocking = storeThreads.blocking();
    this.storage = storage;
    this.catalog = catalog;
    this.clock = clock;
    this.ledger = ledger;
    avoided =
        Caffeine.newBuilder()
            .maximumSize(AVOIDED_KEYS_MAX)
            .expireAfterWrite(AVOIDED_FOR)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .executor(Runnable::run)
            .build();
    Lookups lookups = new Lookups(storeThreads.blocking());
    KnownKeys known = new KnownKeys();
    index = new ArtifactIndex(catalog, lookups, known);
    promises = new LearnedPromises(catalog, lookups, clock);
    files = new OpenFileCache(OPEN_FILES_MAX, lookups, this::openChecked);
    Shelf shelf = new Shelf(index, files, ledger, meter, kept);
    Reaper reaper = new Reaper(storage, catalog, shelf, clock);
    CommitRound round =
        new CommitRound(
            storage, catalog, shelf, reaper, this::shortfallBytes, storeThreads.blocking());
    writer =
        new StoreWriter(
            catalog,
            shelf,
            reaper,
            round,
            accesses,
            new StoreWriter.Time(clock, storeThreads.nap()));
    space = new Space(storage, ledger, writer, kept);
    recovery = new Recovery(storage, catalog, known, writer, meter, clock.millis());
    threads =
        List.of(
            storeThreads.start("store-writer", writer),
            storeThreads.start("store-recovery", recovery));
  }

  /**
   * Opens the store: removes what an earlier process left in the spool and nobody could go on with,
   * then serves while catalog and files are compared behind.
   *
   * <p>Errors: {@link IOException} or {@link dev.millrace.catalog.CatalogException} when the folder
   * or the catalog cannot be read.
   */
  public static BlobStore open(
      Storage storage,
      Catalog catalog,
      long quotaBytes,
      SpoolLimits spool,
      InstantSource clock,
      StoreThreads threads)
      throws IOException {
    Ledger ledger = new Ledger(quotaBytes, catalog.totalBlobBytes());
    SpoolLimits within =
        new SpoolLimits(spool.maxAge(), Math.min(spool.maxBytes(), quotaBytes / KEPT_QUOTA_SHARE));
    KeptBodies kept = new KeptBodies(storage, ledger, within, clock);
    kept.load();
    int swept = storage.sweepStaged(kept.files());
    LOG.info(
        "store opened: {} of {} bytes used, {} staged files of an earlier process removed, {} bytes"
            + " of others kept",
        ledger.usedBytes(),
        quotaBytes,
        swept,
        kept.bytes());
    return new BlobStore(storage, catalog, ledger, kept, clock, threads);
  }

  /** The artifact if memory knows it. */
  public @Nullable StoredArtifact findHot(ArtifactKey key) {
    return index.hot(key);
  }

  /**
   * The artifact, asked from the catalog where memory does not know it.
   *
   * <p>Errors: fails with {@link dev.millrace.catalog.CatalogException} or {@link IOException} when
   * the catalog cannot be asked; that says nothing about whether the artifact is stored.
   */
  public CompletionStage<Optional<StoredArtifact>> find(ArtifactKey key) {
    return index.find(key);
  }

  /** The blob if it is open already. Ownership: retained for the caller. */
  public @Nullable OpenFile openHot(Digest digest) {
    return files.hot(digest);
  }

  /**
   * The blob, opened and checked against its recorded size where it is not open. Ownership:
   * retained for the caller.
   *
   * <p>Errors: fails with {@link BlobMissingException} when the blob is absent or of another size;
   * its rows are then removed. Any other {@link IOException} says only that it could not be opened
   * now. Either way the artifact is a miss.
   */
  public CompletionStage<OpenFile> open(Digest digest) {
    return files.open(digest);
  }

  /**
   * Opens a staged blob with its place reserved; what has to go for it is evicted while it is
   * written.
   *
   * <p>Ownership: the caller ends it by {@link #commit} or by {@link StagedBlob#close}. Errors:
   * {@link NoSpaceException} when quota or volume cannot take it; any other {@link IOException}
   * from the disk.
   *
   * @param lengthBytes its length, or -1 when that is not known; then {@link StagedBlob#grow}
   *     reserves
   */
  public StagedBlob stage(ArtifactKey key, long lengthBytes) throws IOException {
    return space.stage(key, Math.max(0, lengthBytes));
  }

  /**
   * The beginning of that artifact's body, if one was left. Ownership: the caller's, see {@link
   * KeptBody}. Threading: does not block.
   */
  public @Nullable KeptBody takeKept(ArtifactKey key) {
    return kept.take(key);
  }

  /**
   * Opens what was left, with its place reserved, to go on behind its end. Ownership and errors as
   * {@link #stage(ArtifactKey, long)}; where it throws, what was left is removed.
   */
  public StagedBlob stage(KeptBody body) throws IOException {
    boolean staged = false;
    try {
      StagedBlob blob = space.stage(body);
      staged = true;
      return blob;
    } finally {
      if (!staged) {
        kept.remove(body.file());
      }
    }
  }

  /** Takes back what was not used. Threading: does not block. */
  public void giveBack(KeptBody body) {
    kept.giveBack(body);
  }

  /** Removes what is of no use any more. Threading: does not block. */
  public void drop(KeptBody body) {
    blocking.execute(() -> kept.remove(body.file()));
  }

  /** Remembers for a while that this artifact could not be staged to its end. */
  public void avoid(ArtifactKey key) {
    avoided.put(key, true);
  }

  /**
   * Whether it is to be relayed: {@link #avoid} was told of it lately, so it would be cut off
   * again; or its key is longer than the catalog can record.
   */
  public boolean isAvoided(ArtifactKey key) {
    return avoided.getIfPresent(key) != null || !catalog.canHold(key);
  }

  /**
   * Stores a body that is whole. Readers of the staged file are not disturbed.
   *
   * <p>Ownership: takes over the staged blob in every case. Limits: at {@code
   * Limits.COMMIT_QUEUE_MAX} bodies that wait it is refused at once. Errors: told to the listener,
   * never thrown, but for a staged blob that has ended or been committed already.
   */
  public void commit(StagedBlob staged, StoredArtifact artifact, CommitListener listener) {
    staged.startCommit();
    queue(new Commit(staged, artifact, listener));
  }

  /**
   * The same for a body in memory, which gets its file then; it may be read from memory meanwhile.
   *
   * <p>Ownership: takes a reference of its own until it is stored. Threading: does not block.
   * Errors: told to the listener; no room in the quota or on the volume is one of them.
   */
  public void commit(SmallBody small, StoredArtifact artifact, CommitListener listener) {
    if (ledger.tryReserve(artifact.sizeBytes())) {
      queue(new Commit(small, artifact, listener, ledger));
    } else {
      meter.commitFailures.increment();
      listener.failed(
          new CommitException(
              CommitFailure.STAGE,
              artifact.key().toString(),
              new NoSpaceException(NoSpaceException.Where.QUOTA, artifact.sizeBytes())));
    }
  }

  private void queue(Commit commit) {
    if (!writer.offer(commit)) {
      commit.refuse(
          writer.isStopping() ? CommitFailure.CLOSED : CommitFailure.QUEUE_FULL, null, meter);
    }
  }

  /**
   * Names a stored blob by another key, too, if it is still there by then. Does not block; what the
   * queue has no place for is left out, and costs a fetch.
   */
  public void alsoName(StoredArtifact artifact) {
    if (!writer.offer(new Work.AlsoName(artifact))) {
      meter.refreshDrops.increment();
    }
  }

  /** What indexes promised of files. */
  public LearnedPromises promises() {
    return promises;
  }

  /** Sets the times of an artifact that was confirmed: in memory at once, in the catalog soon. */
  public void refresh(StoredArtifact refreshed) {
    index.refresh(refreshed);
    if (!writer.offer(new Work.Refresh(refreshed))) {
      meter.refreshDrops.increment();
    }
  }

  /** Counts an access; it reaches the catalog with the next batch. */
  public void touch(ArtifactKey key) {
    if (accesses.add(key, clock.millis())
        && !writer.offer(new Work.Flush(new CompletableFuture<>()))) {
      LOG.debug("access counts wait for the next batch");
    }
  }

  private long shortfallBytes() throws IOException {
    return space.shortfallBytes();
  }

  /** Whether catalog and files have been compared since the start. */
  public boolean recoveryDone() {
    return recovery.isDone();
  }

  /** What the store has done and holds now. */
  public StoreCounters counters() {
    return new StoreCounters(
        ledger.usedBytes(),
        ledger.reservedBytes(),
        files.size(),
        index.size(),
        meter.commits.sum(),
        meter.commitFailures.sum(),
        meter.commitRounds.sum(),
        meter.evictions.sum(),
        meter.evictedBytes.sum(),
        meter.healed.sum(),
        meter.orphansRemoved.sum(),
        meter.unknownFiles.sum(),
        meter.unlinkFailures.sum(),
        meter.accessDrops.sum(),
        meter.refreshDrops.sum(),
        kept.bytes(),
        recovery.isDone());
  }

  /** Writes the access counts now; for tests. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!writer.offer(new Work.Flush(done))) {
      done.completeExceptionally(new IllegalStateException("the writer's queue is full or closed"));
    }
    return done;
  }

  /**
   * Finishes the queued commits, writes the access counts, closes the cached files.
   *
   * <p>Limits: waits {@code Limits.STORE_CLOSE_MILLIS} for each of its threads; what is not done
   * then is found by the next start like after a crash.
   */
  @Override
  public void close() {
    recovery.stop();
    writer.stop();
    for (Thread thread : threads) {
      try {
        if (!thread.join(Duration.ofMillis(STORE_CLOSE_MILLIS))) {
          LOG.warn("{} is still busy and is left behind", thread.getName());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        LOG.warn("interrupted while closing, {} is left behind", thread.getName());
      }
    }
    files.close();
  }

  private OpenFile openChecked(Digest digest) throws IOException {
    OptionalLong recorded;
    try {
      recorded = catalog.sizeBytes(digest);
    } catch (CatalogException e) {
      if (!e.isOutage()) {
        throw e;
      }
      // A file under its name is whole; its size is asked for again when the catalog is back.
      return storage.open(digest);
    }
    if (recorded.isEmpty()) {
      throw new BlobMissingException(digest, "not recorded");
    }
    OpenFile file;
    try {
      file = storage.open(digest);
    } catch (NoSuchFileException e) {
      throw missing(digest, "no file", e);
    }
    boolean right = false;
    try {
      long size = file.sizeBytes();
      right = size == recorded.getAsLong();
      if (right) {
        return file;
      }
      throw missing(digest, size + " bytes, recorded with " + recorded.getAsLong(), null);
    } finally {
      if (!right) {
        file.release();
      }
    }
  }

  private BlobMissingException missing(Digest digest, String found, @Nullable IOException cause) {
    BlobMissingException missing = new BlobMissingException(digest, found);
    if (cause != null) {
      missing.initCause(cause);
    }
    if (!writer.offer(new Work.Reconcile(List.of(digest), new CompletableFuture<>()))) {
      LOG.debug("{} is healed when it is asked for again", digest);
    }
    return missing;
  }
}
