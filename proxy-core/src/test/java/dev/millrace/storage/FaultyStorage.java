package dev.millrace.storage;

import dev.millrace.artifact.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Another storage with planted faults and a crash model.
 *
 * <p>A crash keeps what was synced. Of the rest it decides by the seed: an unsynced staged file
 * stays, is cut or is lost; an unsynced name stays or is lost; an unlinked file stays unlinked or
 * comes back. A blob that was named without having been synced is always cut, and a file whose sync
 * failed loses bytes at once, so that a store that carries on regardless is found out.
 *
 * <p>Threading: thread-safe, one call at a time, by the lock of {@link Faults}.
 */
public final class FaultyStorage implements Storage {
  private final Storage delegate;
  private final Faults faults;
  private final SplittableRandom random;
  private final Set<FaultyFile> staged = new HashSet<>();
  private final Set<Digest> unsyncedNames = new HashSet<>();
  private final Set<Digest> unsyncedBlobs = new HashSet<>();
  private final Map<Digest, byte[]> unsyncedDeletes = new HashMap<>();
  private volatile @Nullable Long usableBytes;
  private volatile Runnable afterOpen = () -> {};
  private volatile boolean writesFail;

  /** Takes over the crash of these faults. */
  public FaultyStorage(Storage delegate, Faults faults, long seed) {
    this.delegate = delegate;
    this.faults = faults;
    this.random = new SplittableRandom(seed);
    faults.onCrash(this::losePower);
  }

  /** Pretends that the volume has this much left; null asks the volume. */
  public void usableBytes(@Nullable Long bytes) {
    usableBytes = bytes;
  }

  /** Runs between opening a blob and returning it, outside of the lock. */
  public void afterOpen(Runnable action) {
    afterOpen = action;
  }

  /** Counts the writes to files staged from now on among the calls that may fail. */
  public void countWrites() {
    writesFail = true;
  }

  @Override
  public StagedFile stage() throws IOException {
    return faults.run(
        "stage",
        () -> {
          FaultyFile file = new FaultyFile(delegate.stage(), writesFail);
          staged.add(file);
          return file;
        },
        // Only the descriptor: the file stays behind like one of a crash.
        FaultyFile::letGo);
  }

  @Override
  public Published publish(StagedFile file, Digest digest) throws IOException {
    FaultyFile faulty = (FaultyFile) file;
    return faults.run(
        "publish",
        () -> {
          Published published = delegate.publish(faulty.file, digest);
          if (published == Published.NAMED) {
            staged.remove(faulty);
            unsyncedDeletes.remove(digest);
            unsyncedNames.add(digest);
            if (!faulty.synced) {
              unsyncedBlobs.add(digest);
            }
          }
          return published;
        });
  }

  @Override
  public void syncPublished(Collection<Digest> digests) throws IOException {
    faults.run(
        "syncPublished",
        () -> {
          delegate.syncPublished(digests);
          digests.forEach(unsyncedNames::remove);
          digests.forEach(unsyncedDeletes::remove);
          return digests;
        });
  }

  @Override
  public OpenFile open(Digest digest) throws IOException {
    OpenFile file = faults.run("open", () -> delegate.open(digest), OpenFile::release);
    afterOpen.run();
    return file;
  }

  @Override
  public OptionalLong sizeBytes(Digest digest) throws IOException {
    return faults.run("sizeBytes", () -> delegate.sizeBytes(digest));
  }

  @Override
  public void delete(Digest digest) throws IOException {
    faults.run(
        "delete",
        () -> {
          OptionalLong size = delegate.sizeBytes(digest);
          if (size.isPresent() && size.getAsLong() != NOT_A_FILE) {
            unsyncedDeletes.put(digest, bytesOf(digest));
          }
          delegate.delete(digest);
          unsyncedNames.remove(digest);
          unsyncedBlobs.remove(digest);
          return digest;
        });
  }

  @Override
  public int list(int shard, Consumer<PublishedBlob> visitor) throws IOException {
    List<PublishedBlob> found = new ArrayList<>();
    int unknown = faults.run("list", () -> delegate.list(shard, found::add));
    found.forEach(visitor);
    return unknown;
  }

  @Override
  public List<KeptFile> listKept() throws IOException {
    return faults.run("listKept", delegate::listKept);
  }

  @Override
  public StagedFile reopen(KeptFile kept) throws IOException {
    return faults.run(
        "reopen",
        () -> {
          FaultyFile file = new FaultyFile(delegate.reopen(kept), writesFail);
          staged.add(file);
          return file;
        },
        FaultyFile::letGo);
  }

  @Override
  public void drop(KeptFile kept) throws IOException {
    faults.run(
        "drop",
        () -> {
          delegate.drop(kept);
          return kept;
        });
  }

  @Override
  public int sweepStaged(Collection<KeptFile> but) throws IOException {
    return faults.run("sweepStaged", () -> delegate.sweepStaged(but));
  }

  @Override
  public long usableBytes() throws IOException {
    Long pretended = usableBytes;
    return faults.run("usableBytes", () -> pretended == null ? delegate.usableBytes() : pretended);
  }

  @Override
  public void close() throws IOException {
    delegate.close();
  }

  private void losePower() {
    try {
      for (FaultyFile file : staged) {
        loseStaged(file);
      }
      for (Digest digest : unsyncedBlobs) {
        byte[] bytes = bytesOf(digest);
        replace(digest, bytes, random.nextInt(bytes.length + 1));
      }
      for (Digest digest : unsyncedNames) {
        if (random.nextBoolean()) {
          delegate.delete(digest);
        }
      }
      for (Map.Entry<Digest, byte[]> deleted : unsyncedDeletes.entrySet()) {
        if (random.nextBoolean()) {
          replace(deleted.getKey(), deleted.getValue(), deleted.getValue().length);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void loseStaged(FaultyFile file) throws IOException {
    if (file.file.file().channel().isOpen() && !file.synced) {
      long size = file.file.file().channel().size();
      switch (random.nextInt(3)) {
        case 0 -> file.file.file().channel().truncate(random.nextLong(size + 1));
        case 1 -> {
          file.unlink();
        }
        default -> {
          // Its pages happened to be written.
        }
      }
    }
  }

  private void replace(Digest digest, byte[] bytes, int length) throws IOException {
    delegate.delete(digest);
    StagedFile file = delegate.stage();
    file.file().write(ByteBuffer.wrap(bytes, 0, length), 0);
    file.sync();
    delegate.publish(file, digest);
    file.discard();
  }

  private byte[] bytesOf(Digest digest) throws IOException {
    OpenFile file = delegate.open(digest);
    try {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.channel().size()));
      while (bytes.hasRemaining() && file.channel().read(bytes, bytes.position()) >= 0) {
        // Until it is full or the file ends.
      }
      return bytes.array();
    } finally {
      file.release();
    }
  }

  /** A staged file that knows whether it was synced. */
  private final class FaultyFile implements StagedFile {
    private final StagedFile file;
    private final OpenFile shown;
    private boolean synced;
    private boolean syncFailed;
    private boolean ended;

    FaultyFile(StagedFile file, boolean writesFail) {
      this.file = file;
      this.shown = writesFail ? FaultyChannel.over(file.file(), faults) : file.file();
    }

    @Override
    public OpenFile file() {
      return shown;
    }

    @Override
    public void sync() throws IOException {
      if (syncFailed) {
        throw new AssertionError("a failed sync was tried again");
      }
      try {
        faults.run(
            "sync",
            () -> {
              file.sync();
              return file;
            });
        synced = true;
      } catch (IOException e) {
        syncFailed = true;
        if (file.file().channel().isOpen()) {
          long half = file.file().channel().size() / 2;
          file.file().write(ByteBuffer.allocate(Math.toIntExact(half)), half);
        }
        throw e;
      }
    }

    @Override
    public void describe(String note) throws IOException {
      faults.run(
          "describe",
          () -> {
            file.describe(note);
            return file;
          });
    }

    @Override
    public void forget() throws IOException {
      faults.run(
          "forget",
          () -> {
            file.forget();
            return file;
          });
    }

    @Override
    public KeptFile keep() throws IOException {
      KeptFile kept = faults.run("keep", file::keep);
      synchronized (faults) {
        staged.remove(this);
        ended = true;
      }
      return kept;
    }

    @Override
    public void discard() {
      synchronized (faults) {
        staged.remove(this);
        if (!faults.isDead()) {
          unlink();
        } else if (!ended) {
          // What is on the disk stays as the crash left it; only the descriptor goes.
          letGo();
        }
        ended = true;
      }
    }

    private void unlink() {
      file.discard();
      if (!ended) {
        ended = true;
        releaseShown();
      }
    }

    private void letGo() {
      releaseShown();
      file.file().release();
    }

    private void releaseShown() {
      if (!shown.equals(file.file())) {
        shown.release();
      }
    }
  }
}
