package dev.millrace.catalog;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Promise;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.storage.Faults;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Another catalog with planted faults. Its transactions are whole: a crash comes before or after
 * one.
 *
 * <p>Threading: thread-safe, one call at a time, by the lock of {@link Faults}; {@link #afterFind}
 * runs outside of it.
 */
public final class FaultyCatalog implements Catalog {
  private final Catalog delegate;
  private final Faults faults;
  private volatile Runnable afterFind = () -> {};
  private volatile Server server = Server.UP;
  private volatile int keyBytesMax = Integer.MAX_VALUE;

  /** How it stands with the database. */
  public enum Server {
    /** It answers. */
    UP,
    /** It is known to be out. */
    OUT,
    /** The next write is committed, but the answer to that is lost; from then on it is out. */
    LOST_BEHIND_COMMIT,
    /** The next write is lost while it is committed; from then on it is out. */
    LOST_BEFORE_COMMIT
  }

  /** Fails as these faults say. */
  public FaultyCatalog(Catalog delegate, Faults faults) {
    this.delegate = delegate;
    this.faults = faults;
  }

  /** The database goes away, or comes back. */
  public void server(Server now) {
    server = now;
  }

  /** Holds no longer keys. */
  public void keyBytesMax(int bytes) {
    keyBytesMax = bytes;
  }

  /** Runs between reading a row and returning it. */
  public void afterFind(Runnable action) {
    afterFind = action;
  }

  @Override
  public Optional<StoredArtifact> find(ArtifactKey key) {
    Optional<StoredArtifact> found = call("find", () -> delegate.find(key));
    afterFind.run();
    return found;
  }

  @Override
  public BlobChange store(Collection<StoredArtifact> artifacts) {
    return write("store", () -> delegate.store(artifacts));
  }

  @Override
  public OptionalLong settledSizeBytes(Digest digest) {
    return call("blobSize", () -> delegate.settledSizeBytes(digest));
  }

  @Override
  public void learn(Collection<Promise> promises, long nowMillis) {
    call(
        "learn",
        () -> {
          delegate.learn(promises, nowMillis);
          return promises.size();
        });
  }

  @Override
  public Optional<Digest> promised(String remote, String name) {
    return call("promised", () -> delegate.promised(remote, name));
  }

  @Override
  public int forgetPromises(int keep) {
    return call("forgetPromises", () -> delegate.forgetPromises(keep));
  }

  @Override
  public boolean refresh(StoredArtifact refreshed) {
    return call("refresh", () -> delegate.refresh(refreshed));
  }

  @Override
  public void touch(Map<ArtifactKey, Access> accesses) {
    call(
        "touch",
        () -> {
          delegate.touch(accesses);
          return accesses;
        });
  }

  @Override
  public BlobRemoval removeBlob(Digest digest) {
    return write("removeBlob", () -> delegate.removeBlob(digest));
  }

  @Override
  public List<BlobUse> leastRecentlyUsed(int limit) {
    return call("leastRecentlyUsed", () -> delegate.leastRecentlyUsed(limit));
  }

  @Override
  public void listBlobs(int shard, Consumer<BlobUse> visitor) {
    List<BlobUse> found = new ArrayList<>();
    call(
        "listBlobs",
        () -> {
          delegate.listBlobs(shard, found::add);
          return found;
        });
    found.forEach(visitor);
  }

  /** Read once, beside the start: no plan of faults counts on it. */
  @Override
  public void listKeys(Consumer<ArtifactKey> visitor) {
    delegate.listKeys(visitor);
  }

  @Override
  public long artifactCount() {
    return delegate.artifactCount();
  }

  @Override
  public boolean isExclusive() {
    return delegate.isExclusive();
  }

  @Override
  public boolean canHold(ArtifactKey key) {
    return key.path().length() <= keyBytesMax && delegate.canHold(key);
  }

  @Override
  public void check() {
    delegate.check();
  }

  @Override
  public CatalogCounters counters() {
    return delegate.counters();
  }

  @Override
  public OptionalLong sizeBytes(Digest digest) {
    return call("blobSize", () -> delegate.sizeBytes(digest));
  }

  @Override
  public long totalBlobBytes() {
    return call("totalBlobBytes", delegate::totalBlobBytes);
  }

  @Override
  public void close() {
    delegate.close();
  }

  private <T> T write(String name, Faults.Call<T> call) {
    Server now = server;
    if (now == Server.UP || now == Server.OUT) {
      return call(name, call);
    }
    if (now == Server.LOST_BEHIND_COMMIT) {
      server = Server.UP;
      T ignored = call(name, call);
      assert ignored != null;
    }
    server = Server.OUT;
    throw new CatalogException(name, CatalogException.Effect.IN_DOUBT);
  }

  private <T> T call(String name, Faults.Call<T> call) {
    if (server == Server.OUT) {
      throw new CatalogException(name, CatalogException.Effect.NONE_OUT);
    }
    try {
      return faults.run(name, call);
    } catch (IOException e) {
      throw new CatalogException(name, e);
    }
  }
}
