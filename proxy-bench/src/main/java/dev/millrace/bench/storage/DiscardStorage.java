package dev.millrace.bench.storage;

import dev.millrace.artifact.Digest;
import dev.millrace.storage.KeptFile;
import dev.millrace.storage.OpenFile;
import dev.millrace.storage.Published;
import dev.millrace.storage.PublishedBlob;
import dev.millrace.storage.StagedFile;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A device that takes every byte and keeps none: a write costs its system call and nothing more.
 *
 * <p>Threading: thread-safe.
 */
public final class DiscardStorage implements Storage {
  private static final Path NOWHERE = Path.of("/dev/null");

  /** A staged file that leads nowhere. */
  private record Nowhere(OpenFile file, AtomicBoolean ended) implements StagedFile {
    @Override
    public void sync() {}

    @Override
    public void describe(String note) {}

    @Override
    public void forget() {}

    @Override
    public KeptFile keep() throws IOException {
      throw new IOException("nothing is kept");
    }

    @Override
    public void discard() {
      if (ended.compareAndSet(false, true)) {
        file.release();
      }
    }
  }

  @Override
  public StagedFile stage() throws IOException {
    FileChannel channel = FileChannel.open(NOWHERE, StandardOpenOption.WRITE);
    return new Nowhere(new OpenFile(channel, () -> {}), new AtomicBoolean());
  }

  @Override
  public Published publish(StagedFile staged, Digest digest) {
    return Published.NAMED;
  }

  @Override
  public void syncPublished(Collection<Digest> digests) {}

  @Override
  public OpenFile open(Digest digest) throws IOException {
    throw new NoSuchFileException(digest.toString());
  }

  @Override
  public OptionalLong sizeBytes(Digest digest) {
    return OptionalLong.empty();
  }

  @Override
  public void delete(Digest digest) {}

  @Override
  public int list(int shard, Consumer<PublishedBlob> visitor) {
    return 0;
  }

  @Override
  public List<KeptFile> listKept() {
    return List.of();
  }

  @Override
  public StagedFile reopen(KeptFile kept) throws IOException {
    throw new NoSuchFileException(kept.name());
  }

  @Override
  public void drop(KeptFile kept) {}

  @Override
  public int sweepStaged(Collection<KeptFile> but) {
    return 0;
  }

  @Override
  public long usableBytes() {
    return Long.MAX_VALUE / 2;
  }

  @Override
  public void close() {}
}
