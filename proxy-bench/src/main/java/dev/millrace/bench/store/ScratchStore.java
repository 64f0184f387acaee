package dev.millrace.bench.store;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.artifact.StreamDigest;
import dev.millrace.bench.storage.DiscardStorage;
import dev.millrace.bench.storage.ScratchFolder;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.SqliteCatalog;
import dev.millrace.config.SpoolLimits;
import dev.millrace.storage.FileStorage;
import dev.millrace.storage.Storage;
import dev.millrace.store.BlobStore;
import dev.millrace.store.CommitListener;
import dev.millrace.store.StagedBlob;
import dev.millrace.store.StoreThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A real store on a folder of its own, in memory.
 *
 * <p>Threading: as {@link BlobStore}. Ownership: ends the store and removes the folder.
 */
public final class ScratchStore implements AutoCloseable {
  private static final long QUOTA_BYTES = 1L << 55;

  /** What a file server says of a Java archive. */
  private static final ArtifactHead HEAD =
      new ArtifactHead(
          "application/java-archive",
          null,
          null,
          null,
          "\"67a3c1f5-1000\"",
          "Wed, 05 Feb 2025 20:01:25 GMT",
          null);

  private final ScratchFolder folder;
  private final Storage storage;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final Catalog catalog;
  private final BlobStore store;

  private ScratchStore(ScratchFolder folder, Storage storage) throws IOException {
    this.folder = folder;
    this.storage = storage;
    this.catalog = SqliteCatalog.open(folder.path().resolve("catalog.sqlite"));
    this.store =
        BlobStore.open(
            storage,
            catalog,
            QUOTA_BYTES,
            new SpoolLimits(Duration.ZERO, 0),
            InstantSource.system(),
            new StoreThreads(Thread.ofPlatform().daemon().factory(), blocking));
  }

  /** A store of files. */
  public static ScratchStore ofFiles() throws IOException {
    ScratchFolder folder = ScratchFolder.create();
    return new ScratchStore(folder, FileStorage.at(folder.path(), Runnable::run));
  }

  /** A store whose staged files lead nowhere; nothing can be committed to it. */
  public static ScratchStore ofNothing() throws IOException {
    return new ScratchStore(ScratchFolder.create(), new DiscardStorage());
  }

  /** The store. */
  public BlobStore store() {
    return store;
  }

  /** Commits a body and opens it, so that its next look-up is hot. */
  public StoredArtifact put(ArtifactKey key, byte[] body) throws IOException {
    StreamDigest digest = new JdkDigestEngine().start(DigestAlgorithm.SHA_256);
    digest.update(ByteBuffer.wrap(body));
    Digest name = digest.finish();
    long now = System.currentTimeMillis();
    StoredArtifact artifact =
        new StoredArtifact(
            key, name, body.length, HEAD, Proof.LENGTH, now, now, StoredArtifact.NEVER);
    CompletableFuture<StoredArtifact> end = new CompletableFuture<>();
    StagedBlob staged = store.stage(key, body.length);
    staged.write(ByteBuffer.wrap(body), 0);
    store.commit(staged, artifact, new Told(end));
    end.join();
    store.open(name).toCompletableFuture().join().release();
    return artifact;
  }

  /** Passes the end of a commit on. */
  private record Told(CompletableFuture<StoredArtifact> end) implements CommitListener {
    @Override
    public void committed(StoredArtifact artifact) {
      end.complete(artifact);
    }

    @Override
    public void failed(Throwable cause) {
      end.completeExceptionally(cause);
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
    catalog.close();
    storage.close();
    blocking.close();
    folder.close();
  }
}
