package dev.millrace.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.artifact.Digest;
import dev.millrace.storage.OpenFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Blobs kept open between hits.
 *
 * <p>A file that is being opened stands in the map as an unfinished future, which joins askers of
 * one blob and closes this race: (1) an asker opens the file, (2) the writer evicts the blob,
 * forgets it here and unlinks it, (3) the asker puts its open file here, where the space of an
 * evicted blob would stay in use. Since step 2 removes the unfinished future, the file gets no
 * place here and is closed by its last reader.
 *
 * <p>Limits: the given number of files, the less used ones go. Threading: thread-safe; no lock is
 * held during I/O.
 *
 * <p>Ownership: holds one lease on each file, given back when the file leaves the cache for any
 * reason.
 */
final class OpenFileCache {
  private static final int OPEN_TRIES_MAX = 4;

  private final Cache<Digest, CompletableFuture<OpenFile>> files;
  private final Lookups lookups;
  private final Opener opener;

  /** Opens a blob and checks it. Ownership: the caller gets the first lease. */
  interface Opener {
    OpenFile open(Digest digest) throws IOException;
  }

  OpenFileCache(int filesMax, Lookups lookups, Opener opener) {
    this.lookups = lookups;
    this.opener = opener;
    this.files =
        Caffeine.newBuilder()
            .maximumSize(filesMax)
            .executor(Runnable::run)
            .<Digest, CompletableFuture<OpenFile>>removalListener(
                (digest, file, cause) -> giveBack(file))
            .build();
  }

  /** The file if it is open. Ownership: retained for the caller. */
  @Nullable OpenFile hot(Digest digest) {
    CompletableFuture<OpenFile> held = files.getIfPresent(digest);
    if (held == null || !held.isDone() || held.isCompletedExceptionally()) {
      return null;
    }
    OpenFile file = held.join();
    return file.tryRetain() ? file : null;
  }

  /** The file, opened where it is not. Ownership: retained for the caller. */
  CompletionStage<OpenFile> open(Digest digest) {
    CompletableFuture<OpenFile> result = new CompletableFuture<>();
    open(digest, 1, result);
    return result;
  }

  private void open(Digest digest, int tries, CompletableFuture<OpenFile> result) {
    CompletableFuture<OpenFile> entry = new CompletableFuture<>();
    CompletableFuture<OpenFile> held = files.asMap().putIfAbsent(digest, entry);
    if (held == null) {
      lookups.run(() -> opener.open(digest), new Opened(digest, entry, result));
      return;
    }
    var _ =
        held.handle((file, failure) -> {
          joined(digest, tries, result, file, failure);
          return null;
        });
  }

  /** An asker that waited for another one's open. */
  private void joined(
      Digest digest,
      int tries,
      CompletableFuture<OpenFile> result,
      @Nullable OpenFile file,
      @Nullable Throwable failure) {
    if (failure != null) {
      result.completeExceptionally(failure);
    } else if (file != null && file.tryRetain()) {
      result.complete(file);
    } else if (tries < OPEN_TRIES_MAX) {
      // It left the cache before this asker got its lease. One that is still wanted is opened
      // again; for
      // one that was evicted the opener says so.
      open(digest, tries + 1, result);
    } else {
      lookups.run(() -> opener.open(digest), new Unshared(result));
    }
  }

  /** The asker that opens: one lease for itself, then the entry with the first one. */
  private final class Opened implements Lookups.Outcome<OpenFile> {
    private final Digest digest;
    private final CompletableFuture<OpenFile> entry;
    private final CompletableFuture<OpenFile> result;

    Opened(Digest digest, CompletableFuture<OpenFile> entry, CompletableFuture<OpenFile> result) {
      this.digest = digest;
      this.entry = entry;
      this.result = result;
    }

    @Override
    public void found(OpenFile file) {
      boolean retained = file.tryRetain();
      assert retained;
      entry.complete(file);
      result.complete(file);
    }

    @Override
    public void failed(Throwable cause) {
      files.asMap().remove(digest, entry);
      entry.completeExceptionally(cause);
      result.completeExceptionally(cause);
    }
  }

  /** An asker with a file of its own, when the cache is too busy to share one. */
  private record Unshared(CompletableFuture<OpenFile> result) implements Lookups.Outcome<OpenFile> {
    @Override
    public void found(OpenFile file) {
      result.complete(file);
    }

    @Override
    public void failed(Throwable cause) {
      result.completeExceptionally(cause);
    }
  }

  /** Keeps a file that is open already. Ownership: takes a lease of its own. */
  void put(Digest digest, OpenFile file) {
    if (file.tryRetain()) {
      files.put(digest, CompletableFuture.completedFuture(file));
    }
  }

  /** Lets the blob go; readers that have it keep it. */
  void forget(Digest digest) {
    files.invalidate(digest);
  }

  /** Lets all go. */
  void close() {
    for (Digest digest : List.copyOf(files.asMap().keySet())) {
      files.invalidate(digest);
    }
  }

  /** About how many are open. */
  long size() {
    return files.estimatedSize();
  }

  /**
   * At once, or when the open that is on its way has ended; one that failed has no lease to give
   * back.
   */
  private static void giveBack(@Nullable CompletableFuture<OpenFile> entry) {
    if (entry != null) {
      var _ = entry.thenAccept(OpenFile::release);
    }
  }
}
