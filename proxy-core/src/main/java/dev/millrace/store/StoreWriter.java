package dev.millrace.store;

import static dev.millrace.config.Limits.ACCESS_FLUSH_MILLIS;
import static dev.millrace.config.Limits.COMMIT_GATHER;
import static dev.millrace.config.Limits.COMMIT_GATHER_SMALL;
import static dev.millrace.config.Limits.COMMIT_QUEUE_MAX;
import static dev.millrace.config.Limits.COMMIT_ROUND_MAX;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.Access;
import dev.millrace.catalog.BlobChange;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.CatalogException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes what is stored: commits, evictions, repairs, access counts.
 *
 * <p>A round takes everything that is queued: first an eviction if the quota is exceeded, then all
 * commits together, then the rest in turn, then the access counts if they are due. A commit waits a
 * moment for others, {@code COMMIT_GATHER}, and while there are only small ones {@code
 * COMMIT_GATHER_SMALL}, but never once a round is full: rows of a large transaction share pages,
 * and no client waits for one. What a crash takes in that time is fetched again.
 *
 * <p>Limits: {@code COMMIT_QUEUE_MAX} pieces of work wait; one more is refused. Threading: {@link
 * #offer} from any thread; the rest on the writer thread. Errors: a failure of the catalog ends the
 * piece of work that met it, never the thread.
 */
final class StoreWriter implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreWriter.class);
  private static final int SMALL_NAPS = (int) COMMIT_GATHER_SMALL.dividedBy(COMMIT_GATHER);
  private static final Work WAKE = new Work.Wake();

  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>(COMMIT_QUEUE_MAX);
  private final Catalog catalog;
  private final Shelf shelf;
  private final Reaper reaper;
  private final CommitRound round;
  private final AccessBatch accesses;
  private final Time time;
  private long flushedAtMillis;

  /** Something waits that is not a small commit. */
  private volatile boolean urgent;

  private volatile boolean stopping;
  private volatile boolean stopped;

  /**
   * The time of day, and how it is let pass.
   *
   * @param nap lets so many nanoseconds pass
   */
  record Time(InstantSource clock, LongConsumer nap) {}

  StoreWriter(
      Catalog catalog,
      Shelf shelf,
      Reaper reaper,
      CommitRound round,
      AccessBatch accesses,
      Time time) {
    this.catalog = catalog;
    this.shelf = shelf;
    this.reaper = reaper;
    this.round = round;
    this.accesses = accesses;
    this.time = time;
    this.flushedAtMillis = time.clock().millis();
  }

  /** Queues a piece of work; false when the queue is full or the writer is stopping. */
  boolean offer(Work work) {
    if (stopping || !queue.offer(work)) {
      return false;
    }
    if (!(work instanceof Commit commit && commit.isSmall())) {
      urgent = true;
    }
    // The writer may have stopped in between; then either it has taken this out or it is taken out
    // here.
    return !stopped || !queue.remove(work);
  }

  /** The same for work that can wait: blocks while the queue is full. */
  boolean offerPatiently(Work work) throws InterruptedException {
    boolean queued = false;
    while (!queued && !stopping) {
      queued = queue.offer(work, ACCESS_FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    }
    return queued && (!stopped || !queue.remove(work));
  }

  /** Lets the writer look at the quota and at the time. A full queue means that it is awake. */
  void wake() {
    if (queue.isEmpty()) {
      queue.offer(WAKE);
    }
  }

  /** Whether new work is refused for good. */
  boolean isStopping() {
    return stopping;
  }

  /** Lets the writer finish what is queued and end. */
  void stop() {
    stopping = true;
    wake();
  }

  @Override
  public void run() {
    try {
      List<Work> batch = new ArrayList<>();
      // An earlier process may have had a larger quota.
      evictForQuota();
      while (!stopping || !queue.isEmpty()) {
        gather(batch);
        process(batch);
        batch.clear();
      }
      flush();
    } finally {
      stopping = true;
      stopped = true;
      refuseTheRest();
    }
  }

  private void gather(List<Work> batch) {
    try {
      Work first = queue.poll(ACCESS_FLUSH_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) {
        batch.add(first);
        if (first instanceof Commit commit) {
          awaitOthers(commit);
        }
        queue.drainTo(batch, COMMIT_ROUND_MAX - 1);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("the writer thread must not be interrupted", e);
    }
  }

  /** In short naps: an offer that woke this thread each time would cost more than the commit. */
  private void awaitOthers(Commit first) {
    urgent = urgent || !first.isSmall();
    for (int nap = 0; nap < (urgent ? 1 : SMALL_NAPS) && !isRoundFull() && !stopping; nap++) {
      time.nap().accept(COMMIT_GATHER.toNanos());
    }
    urgent = false;
  }

  private boolean isRoundFull() {
    return queue.size() >= COMMIT_ROUND_MAX - 1;
  }

  private void process(List<Work> batch) {
    // First, since what the queued bodies reserved becomes used by their commit: so the recorded
    // blobs
    // alone never exceed the quota. A reservation that comes later wakes the writer again.
    evictForQuota();
    List<Commit> commits = new ArrayList<>();
    for (Work work : batch) {
      if (work instanceof Commit commit) {
        commits.add(commit);
      }
    }
    if (!commits.isEmpty()) {
      commit(commits);
    }
    for (Work work : batch) {
      carryOut(work);
    }
    long now = time.clock().millis();
    // A clock that was set back makes the difference negative: then, too, it is time.
    if (now - flushedAtMillis >= ACCESS_FLUSH_MILLIS || now < flushedAtMillis) {
      flush();
    }
  }

  private void commit(List<Commit> commits) {
    try {
      round.run(commits);
    } catch (RuntimeException | AssertionError e) {
      LOG.error("a commit round broke off", e);
      commits.forEach(commit -> commit.refuse(CommitFailure.INTERNAL, e, shelf.meter()));
    }
  }

  private void carryOut(Work work) {
    try {
      switch (work) {
        case Commit _, Work.Wake _ -> {
          // Commits went together before, and waking is all that a wake is for.
        }
        case Work.Refresh(var artifact) -> refresh(artifact);
        case Work.AlsoName(var artifact) -> alsoName(artifact);
        case Work.Reconcile(var digests, var done) -> {
          digests.forEach(reaper::reconcile);
          done.complete(null);
        }
        case Work.MakeRoom(var space, var done) -> {
          flush();
          reaper.evict(space.shortfallBytes());
          done.complete(null);
        }
        case Work.Flush(var done) -> {
          flush();
          done.complete(null);
        }
      }
    } catch (CatalogException e) {
      warn("the store's work was not done", e);
      fail(work, e);
    } catch (IOException e) {
      LOG.warn("the store's work was not done: {}", e.toString());
      fail(work, e);
    } catch (RuntimeException | AssertionError e) {
      LOG.error("the store's work broke off", e);
      fail(work, e);
    }
  }

  private void refresh(StoredArtifact artifact) {
    if (catalog.refresh(artifact)) {
      shelf.index().refresh(artifact);
    }
  }

  /** On the thread that evicts: the blob cannot go in between. */
  private void alsoName(StoredArtifact artifact) {
    if (catalog.canHold(artifact.key()) && catalog.hasBlob(artifact.digest())) {
      BlobChange change = catalog.store(List.of(artifact));
      shelf.ledger().recorded(change.bytesDelta());
      shelf.index().put(artifact);
      change.removed().forEach(reaper::unname);
    }
  }

  /** An outage was logged when it began. */
  private static void warn(String what, CatalogException e) {
    if (e.isOutage()) {
      LOG.debug("{}: {}", what, e.toString());
    } else {
      LOG.warn("{}: {}", what, e.toString());
    }
  }

  private void evictForQuota() {
    long bytes = shelf.ledger().toEvictBytes();
    if (bytes > 0) {
      // The accesses that wait count too: what was used a moment ago is not old.
      flush();
      try {
        reaper.evict(bytes);
      } catch (CatalogException e) {
        warn("nothing could be evicted", e);
      } catch (RuntimeException e) {
        // Whatever it is: without this thread nothing would be stored any more.
        LOG.warn("nothing could be evicted: {}", e.toString());
      }
    }
  }

  private void flush() {
    flushedAtMillis = time.clock().millis();
    shelf.kept().prune();
    settle();
    Map<ArtifactKey, Access> batch = accesses.take();
    if (batch.isEmpty()) {
      return;
    }
    try {
      catalog.touch(batch);
    } catch (CatalogException e) {
      if (e.effect() == CatalogException.Effect.NONE_OUT) {
        accesses.giveBack(batch);
        return;
      }
      LOG.warn("{} access counts are lost: {}", batch.size(), e.toString());
      shelf.meter().accessDrops.add(batch.values().stream().mapToLong(Access::count).sum());
    }
  }

  private void settle() {
    try {
      reaper.settle();
    } catch (CatalogException e) {
      // With the next access counts.
      LOG.debug("some blobs are not settled: {}", e.toString());
    }
  }

  private void refuseTheRest() {
    for (Work work = queue.poll(); work != null; work = queue.poll()) {
      fail(work, new IllegalStateException("the store is closed"));
    }
  }

  private void fail(Work work, Throwable cause) {
    switch (work) {
      case Commit commit -> commit.refuse(CommitFailure.CLOSED, cause, shelf.meter());
      case Work.Refresh _, Work.AlsoName _ -> shelf.meter().refreshDrops.increment();
      case Work.Reconcile(var _, var done) -> done.completeExceptionally(cause);
      case Work.MakeRoom(var _, var done) -> done.completeExceptionally(cause);
      case Work.Flush(var done) -> done.completeExceptionally(cause);
      case Work.Wake _ -> {
        // Nobody waits for it.
      }
    }
  }
}
