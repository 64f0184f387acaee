package dev.millrace.store;

import static dev.millrace.config.Limits.SYNCS_MAX;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.BlobChange;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.CatalogException;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores a handful of finished bodies together: one catalog transaction for all of them.
 *
 * <p>Small bodies, which were in memory so far, are written to files first. The order after that is
 * the one that survives a power cut: each body is synced, then each gets its name, then the folders
 * are synced, then the catalog names the blobs. What fails in the first two steps fails alone. When
 * the folders or the transaction fail, all fail, and the names given in this round are taken back.
 * While the catalog's database is out nobody was asked: a name that this round gave is a name that
 * no row has. Where it went away in the middle of the transaction, the names stay until it can be
 * asked ({@link Reaper#settle}).
 *
 * <p>A later version of a key in the same round wins; both were stored.
 *
 * <p>Threading: confined to the writer thread; only the syncs of one round run side by side,
 * because the file system joins their flushes. Ownership: ends each commit it is given.
 */
final class CommitRound {
  private static final Logger LOG = LoggerFactory.getLogger(CommitRound.class);

  private final Storage storage;
  private final Catalog catalog;
  private final Shelf shelf;
  private final Reaper reaper;
  private final Shortfall shortfall;
  private final Executor blocking;

  /** What the volume lacks for all that has its place reserved and is not written yet. */
  interface Shortfall {
    long bytes() throws IOException;
  }

  CommitRound(
      Storage storage,
      Catalog catalog,
      Shelf shelf,
      Reaper reaper,
      Shortfall shortfall,
      Executor blocking) {
    this.shortfall = shortfall;
    this.storage = storage;
    this.catalog = catalog;
    this.shelf = shelf;
    this.reaper = reaper;
    this.blocking = blocking;
  }

  /** Runs one round; every listener has been told when it returns. */
  void run(List<Commit> commits) {
    if (catalog.counters().out()) {
      // Writing and syncing what cannot be recorded would be for nothing.
      CatalogException out = new CatalogException("the catalog is out");
      commits.forEach(commit -> commit.refuse(CommitFailure.CATALOG, out, shelf.meter()));
      return;
    }
    List<Commit> published = publish(sync(checked(stage(commits))));
    if (published.isEmpty()) {
      return;
    }
    try {
      storage.syncPublished(published.stream().map(Commit::digest).toList());
    } catch (IOException e) {
      takeBack(published, CommitFailure.PUBLISH, e);
      return;
    }
    BlobChange change;
    try {
      change = catalog.store(published.stream().map(Commit::artifact).toList());
    } catch (CatalogException e) {
      takeBack(published, CommitFailure.CATALOG, e);
      return;
    }
    shelf.meter().commitRounds.increment();
    shelf.ledger().recorded(change.bytesDelta());
    // Index and open file first, so that who is told finds it in memory.
    published.forEach(this::show);
    change.removed().forEach(reaper::unname);
    published.forEach(commit -> commit.succeed(shelf.meter()));
  }

  /** Writes the small ones to files, if the volume has room for them and for all that is coming. */
  private List<Commit> stage(List<Commit> commits) {
    boolean room = commits.stream().noneMatch(Commit::isSmall) || makeRoom();
    List<Commit> staged = new ArrayList<>(commits.size());
    for (Commit commit : commits) {
      try {
        if (commit.isSmall()) {
          if (!room) {
            throw new NoSpaceException(
                NoSpaceException.Where.VOLUME, commit.artifact().sizeBytes());
          }
          commit.stage(storage);
        }
        staged.add(commit);
      } catch (IOException e) {
        commit.refuse(CommitFailure.STAGE, e, shelf.meter());
      }
    }
    return staged;
  }

  private boolean makeRoom() {
    try {
      long missing = shortfall.bytes();
      if (missing > 0) {
        reaper.evict(missing);
      }
      return missing == 0 || shortfall.bytes() == 0;
    } catch (IOException | CatalogException e) {
      LOG.warn("room for small bodies could not be made: {}", e.toString());
      return false;
    }
  }

  /** The pair check: what was counted while it was written is what the disk says now. */
  private List<Commit> checked(List<Commit> commits) {
    List<Commit> right = new ArrayList<>(commits.size());
    for (Commit commit : commits) {
      try {
        long size =
            commit.isSmall() ? commit.artifact().sizeBytes() : commit.file().file().sizeBytes();
        if (size == commit.artifact().sizeBytes()) {
          right.add(commit);
        } else {
          commit.refuse(
              CommitFailure.LENGTH, new IOException("staged " + size + " bytes"), shelf.meter());
        }
      } catch (IOException e) {
        commit.refuse(CommitFailure.LENGTH, e, shelf.meter());
      }
    }
    return right;
  }

  private List<Commit> sync(List<Commit> commits) {
    if (commits.size() == 1) {
      commits.getFirst().sync();
    } else {
      syncSideBySide(commits);
    }
    List<Commit> synced = new ArrayList<>(commits.size());
    for (Commit commit : commits) {
      IOException failure = commit.syncFailure();
      if (failure == null) {
        synced.add(commit);
      } else {
        commit.refuse(CommitFailure.SYNC, failure, shelf.meter());
      }
    }
    return synced;
  }

  private void syncSideBySide(List<Commit> commits) {
    int lines = Math.min(SYNCS_MAX, commits.size());
    AtomicInteger next = new AtomicInteger();
    Semaphore ended = new Semaphore(0);
    for (int i = 0; i < lines; i++) {
      blocking.execute(() -> {
        try {
          for (int at = next.getAndIncrement(); at < commits.size(); at = next.getAndIncrement()) {
            commits.get(at).sync();
          }
        } finally {
          ended.release();
        }
      });
    }
    ended.acquireUninterruptibly(lines);
  }

  private List<Commit> publish(List<Commit> commits) {
    List<Commit> published = new ArrayList<>(commits.size());
    for (Commit commit : commits) {
      try {
        commit.publish(storage);
        published.add(commit);
      } catch (IOException e) {
        commit.refuse(CommitFailure.PUBLISH, e, shelf.meter());
      }
    }
    return published;
  }

  private void show(Commit commit) {
    StoredArtifact artifact = commit.artifact();
    // Small ones are served from memory: they would only push others out.
    if (commit.named() && !commit.isSmall()) {
      shelf.files().put(artifact.digest(), commit.file().file());
    }
    shelf.index().put(artifact);
    shelf.kept().forget(artifact.key());
    commit.end();
  }

  private void takeBack(List<Commit> commits, CommitFailure reason, Exception cause) {
    CatalogException.Effect effect =
        cause instanceof CatalogException e ? e.effect() : CatalogException.Effect.NONE;
    if (effect != CatalogException.Effect.NONE_OUT) {
      LOG.warn("{} bodies were not stored: {}", commits.size(), cause.toString());
    }
    switch (effect) {
      case NONE -> unnameUnrecorded(commits);
      case NONE_OUT -> named(commits).forEach(reaper::unname);
      case IN_DOUBT -> {
        commits.forEach(commit -> shelf.index().mayKnow(commit.artifact().key()));
        commits.forEach(commit -> reaper.settleLater(commit.digest()));
      }
    }
    commits.forEach(commit -> commit.refuse(reason, cause, shelf.meter()));
  }

  private static List<Digest> named(List<Commit> commits) {
    return commits.stream().filter(Commit::named).map(Commit::digest).toList();
  }

  private void unnameUnrecorded(List<Commit> commits) {
    boolean answers = true;
    for (Digest digest : named(commits)) {
      try {
        if (answers && !catalog.hasBlob(digest)) {
          reaper.unname(digest);
        }
      } catch (CatalogException e) {
        // Each further question might take as long to fail.
        answers = false;
      }
      if (!answers) {
        // What failed before it was committed has recorded nothing.
        reaper.unname(digest);
      }
    }
  }
}
