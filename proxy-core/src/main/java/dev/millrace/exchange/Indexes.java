package dev.millrace.exchange;

import static dev.millrace.config.Limits.LEARNED_INDEXES_MAX;
import static dev.millrace.config.Limits.PROMISE_BATCH_MAX;
import static dev.millrace.config.Limits.REWRITES_MAX;
import static dev.millrace.config.Limits.REWRITTEN_BYTES_MAX;
import static dev.millrace.config.Limits.REWRITTEN_QUOTA_SHARE;
import static dev.millrace.config.Limits.REWRITTEN_WEIGHT_MIN;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.DigestEngine;
import dev.millrace.artifact.Promise;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.CatalogException;
import dev.millrace.format.IndexReader;
import dev.millrace.format.MalformedIndexException;
import dev.millrace.format.RemoteLinks;
import dev.millrace.observe.Unrewritten;
import dev.millrace.storage.OpenFile;
import dev.millrace.store.BlobStore;
import dev.millrace.store.StagedBlob;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indexes with their links led through the proxy, each in a file of the spool: made once for each
 * content, name of the proxy and coding, whoever asks. What an index promises of files is recorded
 * before anybody is given it.
 *
 * <p>Limits: {@code REWRITTEN_BYTES_MAX} or the {@code REWRITTEN_QUOTA_SHARE}th part of the disk
 * quota is kept beside that, the less useful ones go; {@code REWRITES_MAX} are made at once.
 *
 * <p>Threading: thread-safe; the work runs on the executor, which must be one of virtual threads.
 *
 * <p>Ownership: a lease of each file, until they leave the cache or {@link #close}.
 */
public final class Indexes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Indexes.class);
  private static final int BUFFER_BYTES = 64 << 10;

  private final BlobStore store;
  private final DigestEngine digests;
  private final Executor blocking;
  private final long bytesMax;
  private final Semaphore turns = new Semaphore(REWRITES_MAX);
  private final Cache<Key, CompletableFuture<Made>> made;
  private final Cache<StoredKey, Boolean> learned =
      Caffeine.newBuilder().maximumSize(LEARNED_INDEXES_MAX).executor(Runnable::run).build();

  /**
   * None so far.
   *
   * @param quotaBytes of the disk
   * @param bytesMax of an index that is read
   */
  public Indexes(
      BlobStore store, DigestEngine digests, Executor blocking, long quotaBytes, long bytesMax) {
    this.store = store;
    this.digests = digests;
    this.blocking = blocking;
    this.bytesMax = bytesMax;
    made =
        Caffeine.newBuilder()
            .maximumWeight(Math.min(REWRITTEN_BYTES_MAX, quotaBytes / REWRITTEN_QUOTA_SHARE))
            .weigher(Indexes::weight)
            .executor(Runnable::run)
            .<Key, CompletableFuture<Made>>removalListener((key, left, cause) -> giveBack(left))
            .build();
  }

  /**
   * What is wanted.
   *
   * @param remote whose index it is
   * @param index what is stored of it, or will be
   * @param prefix what links begin with; null only to learn what it promises
   * @param gzip whether the copy is compressed
   * @param body where it is read from
   */
  record Wanted(
      Remote remote, StoredArtifact index, @Nullable String prefix, boolean gzip, BodySource body) {
    private Key key() {
      return new Key(
          new StoredKey(index.key(), index.digest()), prefix == null ? "-" : prefix, gzip);
    }
  }

  private record StoredKey(ArtifactKey key, Digest digest) {}

  private record Key(StoredKey index, String prefix, boolean gzip) {}

  /**
   * A copy, opened. Ownership: the lease of the file is the caller's.
   *
   * @param file null where only what it promises was wanted
   * @param digest SHA-256 of the copy
   * @param lengthBytes of the copy
   */
  record Opened(@Nullable OpenFile file, Digest digest, long lengthBytes) {}

  /** An index is not rewritten, and why. */
  static final class UnrewrittenException extends IOException {
    private static final long serialVersionUID = 1;
    private final Unrewritten reason;

    UnrewrittenException(Unrewritten reason, @Nullable Throwable cause) {
      super(reason.label(), cause);
      this.reason = reason;
    }

    Unrewritten reason() {
      return reason;
    }

    /** Whether it would be so again. */
    boolean isLasting() {
      return reason != Unrewritten.STORAGE;
    }
  }

  /** A copy in a file that has no name any more: a crash leaves nothing of it. */
  private record Made(@Nullable OpenFile file, Digest digest, long lengthBytes) {
    @Nullable Opened open() {
      return file == null || file.tryRetain() ? new Opened(file, digest, lengthBytes) : null;
    }

    void close() {
      if (file != null) {
        file.release();
      }
    }
  }

  /** Whether an index of that type and length is read at all. */
  @Nullable Unrewritten refusal(Remote remote, String path, ArtifactHead head, long lengthBytes) {
    if (lengthBytes > bytesMax) {
      return Unrewritten.TOO_LARGE;
    }
    return reader(remote, path, head) == null || coding(head) == null
        ? Unrewritten.UNKNOWN_TYPE
        : null;
  }

  private static @Nullable IndexReader reader(Remote remote, String path, ArtifactHead head) {
    String type = head.contentType();
    return remote.format().index(path, type == null ? "" : type);
  }

  private static @Nullable String coding(ArtifactHead head) {
    String coding = head.contentEncoding();
    return coding == null || coding.equalsIgnoreCase("identity")
        ? ""
        : coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip") ? "gzip" : null;
  }

  /**
   * The copy, made where there is none. Does not block.
   *
   * <p>Errors: fails with {@link UnrewrittenException}, or with {@link
   * dev.millrace.store.BlobMissingException} when the body is gone.
   */
  CompletionStage<Opened> of(Wanted wanted) {
    Key key = wanted.key();
    CompletableFuture<Made> fresh = new CompletableFuture<>();
    CompletableFuture<Made> held = made.asMap().putIfAbsent(key, fresh);
    CompletableFuture<Opened> opened =
        (held == null ? fresh : held)
            .thenCompose(copy -> reopened(copy, wanted))
            .toCompletableFuture();
    if (held == null) {
      CompletionStage<InputStream> source = wanted.body().open();
      blocking.execute(() -> make(wanted, source, key, fresh));
    }
    return opened;
  }

  private CompletionStage<Opened> reopened(Made copy, Wanted wanted) {
    Opened opened = copy.open();
    // It has left the cache since it was looked up: it is made again.
    return opened == null ? of(wanted) : CompletableFuture.completedStage(opened);
  }

  private void make(
      Wanted wanted, CompletionStage<InputStream> source, Key key, CompletableFuture<Made> entry) {
    turns.acquireUninterruptibly();
    Made copy;
    try (InputStream body = source.toCompletableFuture().join()) {
      copy = copy(wanted, body);
    } catch (CompletionException e) {
      fail(key, entry, e.getCause() == null ? e : e.getCause());
      return;
    } catch (IOException | RuntimeException | AssertionError e) {
      fail(key, entry, e);
      return;
    } finally {
      turns.release();
    }
    // Who waits takes a lease before the cache may let the copy go.
    Opened held = copy.open();
    entry.complete(copy);
    made.asMap().replace(key, entry, entry);
    if (held != null && held.file() != null) {
      held.file().release();
    }
  }

  private void fail(Key key, CompletableFuture<Made> entry, Throwable cause) {
    Throwable told =
        switch (rootOf(cause)) {
          case UnrewrittenException known -> known;
          case MalformedIndexException malformed ->
              new UnrewrittenException(Unrewritten.MALFORMED, malformed);
          case Throwable lost when BodySource.isLost(lost) -> lost;
          default -> new UnrewrittenException(Unrewritten.STORAGE, cause);
        };
    if (!(told instanceof UnrewrittenException why && why.isLasting())) {
      made.asMap().remove(key, entry);
    }
    LOG.warn("the links of {} are not led through here: {}", key.index().key(), cause.toString());
    entry.completeExceptionally(told);
  }

  /** What we threw below a parser comes back wrapped by it. */
  private static Throwable rootOf(Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof UnrewrittenException) {
        return at;
      }
    }
    return cause;
  }

  private Made copy(Wanted wanted, InputStream body) throws IOException {
    IndexReader reader =
        reader(wanted.remote(), wanted.index().key().plainPath(), wanted.index().head());
    if (reader == null) {
      throw new UnrewrittenException(Unrewritten.UNKNOWN_TYPE, null);
    }
    InputStream decoded =
        "gzip".equals(coding(wanted.index().head()))
            ? new GZIPInputStream(body, BUFFER_BYTES)
            : new BufferedInputStream(body, BUFFER_BYTES);
    InputStream plain = new Bounded(decoded, bytesMax);
    if (wanted.prefix() == null) {
      read(wanted, reader, plain, OutputStream.nullOutputStream());
      return new Made(null, wanted.index().digest(), 0);
    }
    try (StagedBlob staged = store.stage(wanted.index().key(), -1)) {
      StagedStream out =
          new StagedStream(staged, digests.start(DigestAlgorithm.SHA_256), BUFFER_BYTES);
      OutputStream coded = wanted.gzip() ? new GZIPOutputStream(out, BUFFER_BYTES) : out;
      read(wanted, reader, plain, coded);
      coded.close();
      boolean kept = staged.file().tryRetain();
      assert kept;
      return new Made(staged.file(), out.digest(), out.lengthBytes());
    }
  }

  /** Ends what unpacks to more than an index may have. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long bytesMax) {
      super(in);
      this.left = bytesMax;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      count(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = super.read(target, offset, length);
      count(Math.max(0, count));
      return count;
    }

    private void count(int bytes) throws UnrewrittenException {
      left -= bytes;
      if (left < 0) {
        throw new UnrewrittenException(Unrewritten.TOO_LARGE, null);
      }
    }
  }

  private void read(Wanted wanted, IndexReader reader, InputStream index, OutputStream copy)
      throws IOException {
    Remote remote = wanted.remote();
    StoredKey known = new StoredKey(wanted.index().key(), wanted.index().digest());
    boolean isKnown = learned.getIfPresent(known) != null;
    List<Promise> batch = new ArrayList<>();
    RemoteLinks links =
        new RemoteLinks(
            remote.settings(),
            remote.releases(),
            remote.format(),
            wanted.index().key().path(),
            wanted.prefix(),
            new RemoteLinks.Told(
                promise -> {
                  if (!isKnown) {
                    batch.add(promise);
                    flush(batch, PROMISE_BATCH_MAX);
                  }
                },
                remote::linksTo));
    reader.copy(index, copy, links);
    flush(batch, 1);
    learned.put(known, true);
  }

  /**
   * Records what was gathered, if that is enough. Without the catalog the index is still served.
   */
  private void flush(List<Promise> batch, int least) {
    if (batch.size() < least) {
      return;
    }
    try {
      store.promises().learn(batch);
    } catch (CatalogException e) {
      LOG.warn("{} promises of an index are lost: {}", batch.size(), e.toString());
    }
    batch.clear();
  }

  private static int weight(Key key, CompletableFuture<Made> entry) {
    boolean done = entry.isDone() && !entry.isCompletedExceptionally();
    return done
        ? Math.clamp(entry.join().lengthBytes(), REWRITTEN_WEIGHT_MIN, Integer.MAX_VALUE)
        : 1;
  }

  private static void giveBack(@Nullable CompletableFuture<Made> entry) {
    if (entry != null) {
      var ignored = entry.thenAccept(Made::close);
    }
  }

  /** Lets all go. */
  @Override
  public void close() {
    made.invalidateAll();
  }
}
