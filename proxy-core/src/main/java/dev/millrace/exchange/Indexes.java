package dev.millrace.exchange;

import static dev.millrace.config.Limits.LEARNED_FOR;
import static dev.millrace.config.Limits.LEARNED_INDEXES_MAX;
import static dev.millrace.config.Limits.REWRITES_MAX;
import static dev.millrace.config.Limits.REWRITES_WAITING_MAX;
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
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.format.IndexReader;
import dev.millrace.format.MalformedIndexException;
import dev.millrace.format.RemoteLinks;
import dev.millrace.observe.Unrewritten;
import dev.millrace.storage.OpenFile;
import dev.millrace.store.BlobStore;
import dev.millrace.store.StagedBlob;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indexes with their links led through the proxy, each in a file of the spool: made once for each
 * content, name of the proxy and coding, whoever asks. What an index promises of files is recorded
 * before anybody is given it.
 *
 * <p>Limits: {@code REWRITTEN_BYTES_MAX} or the {@code REWRITTEN_QUOTA_SHARE}th part of the disk
 * quota is kept beside that, the less useful ones go; {@code REWRITES_MAX} are made at once, {@code
 * REWRITES_WAITING_MAX} wait for that.
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
  private final Semaphore line = new Semaphore(REWRITES_MAX + REWRITES_WAITING_MAX);

  /** Of which content the promises of an index are recorded now. */
  private final Cache<ArtifactKey, Digest> learned =
      Caffeine.newBuilder()
          .maximumSize(LEARNED_INDEXES_MAX)
          .expireAfterWrite(LEARNED_FOR)
          .executor(Runnable::run)
          .build();

  /** Indexes that cannot be read, whoever asks. */
  private final Cache<StoredKey, UnrewrittenException> refused =
      Caffeine.newBuilder().maximumSize(LEARNED_INDEXES_MAX).executor(Runnable::run).build();

  private volatile boolean closed;

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
            // So that what they promise is recorded again before it counts as old.
            .expireAfterWrite(LEARNED_FOR)
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
      return reason != Unrewritten.STORAGE && reason != Unrewritten.BUSY;
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
    UnrewrittenException known = refused.getIfPresent(key.index());
    if (known != null) {
      return CompletableFuture.failedStage(known);
    }
    CompletableFuture<Made> fresh = new CompletableFuture<>();
    CompletableFuture<Made> held = made.asMap().putIfAbsent(key, fresh);
    CompletableFuture<Opened> opened =
        (held == null ? fresh : held)
            .thenCompose(copy -> reopened(copy, wanted))
            .toCompletableFuture();
    if (held == null) {
      begin(wanted, key, fresh);
    }
    return opened;
  }

  private void begin(Wanted wanted, Key key, CompletableFuture<Made> entry) {
    if (closed || !line.tryAcquire()) {
      fail(key, entry, new UnrewrittenException(Unrewritten.BUSY, null));
      return;
    }
    CompletionStage<InputStream> source = null;
    try {
      CompletionStage<InputStream> opening = wanted.body().open();
      source = opening;
      blocking.execute(() -> make(wanted, opening, key, entry));
    } catch (RuntimeException | Error e) {
      line.release();
      if (source != null) {
        var ignored = source.thenAccept(Indexes::closeQuietly);
      }
      fail(key, entry, e);
    }
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      LOG.debug("the body of an index could not be closed", e);
    }
  }

  private CompletionStage<Opened> reopened(Made copy, Wanted wanted) {
    Opened opened = copy.open();
    // It has left the cache since it was looked up: it is made again.
    return opened == null ? of(wanted) : CompletableFuture.completedStage(opened);
  }

  private void make(
      Wanted wanted, CompletionStage<InputStream> source, Key key, CompletableFuture<Made> entry) {
    Made copy;
    turns.acquireUninterruptibly();
    try (InputStream body = source.toCompletableFuture().join()) {
      copy = copy(wanted, body);
    } catch (CompletionException e) {
      fail(key, entry, e.getCause() == null ? e : e.getCause());
      return;
    } catch (IOException | RuntimeException | Error e) {
      fail(key, entry, e);
      return;
    } finally {
      turns.release();
      line.release();
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
          case ZipException packed -> new UnrewrittenException(Unrewritten.MALFORMED, packed);
          case EOFException ended -> new UnrewrittenException(Unrewritten.MALFORMED, ended);
          case Throwable lost when BodySource.isLost(lost) -> lost;
          default -> new UnrewrittenException(Unrewritten.STORAGE, cause);
        };
    made.asMap().remove(key, entry);
    if (told instanceof UnrewrittenException why && why.isLasting()) {
      refused.put(key.index(), why);
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
    try (InputStream decoded =
            "gzip".equals(coding(wanted.index().head()))
                ? new GZIPInputStream(body, BUFFER_BYTES)
                : new BufferedInputStream(body, BUFFER_BYTES);
        InputStream plain = new Bounded(decoded, bytesMax)) {
      return wanted.prefix() == null ? learn(wanted, reader, plain) : copy(wanted, reader, plain);
    }
  }

  private Made learn(Wanted wanted, IndexReader reader, InputStream plain) throws IOException {
    read(wanted, reader, plain, OutputStream.nullOutputStream());
    return new Made(null, wanted.index().digest(), 0);
  }

  private Made copy(Wanted wanted, IndexReader reader, InputStream plain) throws IOException {
    try (StagedBlob staged = store.stage(wanted.index().key(), -1)) {
      StagedStream out =
          new StagedStream(staged, digests.start(DigestAlgorithm.SHA_256), BUFFER_BYTES);
      try (OutputStream coded = wanted.gzip() ? new GZIPOutputStream(out, BUFFER_BYTES) : out) {
        read(wanted, reader, plain, coded);
      }
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
    ArtifactKey key = wanted.index().key();
    boolean isKnown = wanted.index().digest().equals(learned.getIfPresent(key));
    PromiseBatch batch = new PromiseBatch(store.promises(), isKnown);
    RemoteLinks links =
        new RemoteLinks(
            remote.settings(),
            remote.releases(),
            remote.format(),
            wanted.index().key().path(),
            wanted.prefix(),
            new RemoteLinks.Told(batch::add, remote::linksTo));
    reader.copy(index, copy, links);
    if (batch.finish()) {
      learned.put(key, wanted.index().digest());
    }
  }

  private static int weight(Key key, CompletableFuture<Made> entry) {
    boolean done = entry.isDone() && !entry.isCompletedExceptionally();
    long bytes = done ? entry.join().lengthBytes() : 0;
    return Math.clamp(bytes, REWRITTEN_WEIGHT_MIN, Integer.MAX_VALUE);
  }

  private static void giveBack(@Nullable CompletableFuture<Made> entry) {
    if (entry != null) {
      var ignored = entry.thenAccept(Made::close);
    }
  }

  /** Lets all go. */
  @Override
  public void close() {
    closed = true;
    made.invalidateAll();
  }
}
