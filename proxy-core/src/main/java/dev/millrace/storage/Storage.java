package dev.millrace.storage;

import dev.millrace.artifact.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The device that keeps bodies: staged while they grow, then published under their SHA-256.
 *
 * <p>An interface because two devices implement it (local files now, an object store as a second
 * level later) and because tests plant faults behind it.
 *
 * <p>Threading: thread-safe; every call may block on the disk, so never on an event loop.
 *
 * <p>Errors: {@link IOException} means the call did not happen as a whole; a staged file whose
 * {@link StagedFile#sync} failed is never synced again (the kernel may have dropped its pages).
 *
 * <p>The order that survives a power cut: {@code staged.sync()}, {@link #publish}, {@link
 * #syncPublished}, and only then a row in the catalog.
 */
public interface Storage extends AutoCloseable {
  /** The size of what bears a blob's name and is no regular file. */
  long NOT_A_FILE = -1;

  /**
   * How many parts {@link #list} divides the blobs into: one for each value of the digest's first
   * byte.
   */
  int SHARDS = 256;

  /** Opens a new empty staged file. Ownership: the caller ends it by {@link StagedFile#discard}. */
  StagedFile stage() throws IOException;

  /**
   * Gives the synced staged file its final name. A blob of this name and of the same size stays and
   * the staged file keeps none; one of another size is replaced. The open file stays valid either
   * way.
   */
  Published publish(StagedFile staged, Digest digest) throws IOException;

  /** Makes the names given by {@link #publish} durable (directory sync), each directory once. */
  void syncPublished(Collection<Digest> digests) throws IOException;

  /**
   * Opens a published blob for reading. Ownership: the caller holds the first lease. Errors: {@link
   * java.nio.file.NoSuchFileException} when there is no regular file of that name.
   */
  OpenFile open(Digest digest) throws IOException;

  /**
   * Length of what bears that name, {@link #NOT_A_FILE} when it is no regular file; empty if
   * absent.
   */
  OptionalLong sizeBytes(Digest digest) throws IOException;

  /** Removes what bears that name, whatever it is; absent is fine. Open leases stay valid. */
  void delete(Digest digest) throws IOException;

  /**
   * Visits every blob whose digest starts with that byte and returns how many entries beside them
   * have no blob's name; those are left alone.
   */
  int list(int shard, Consumer<PublishedBlob> visitor) throws IOException;

  /**
   * The staged files with a note; of an earlier process, if called before anything is staged. What
   * cannot be read is left out, for {@link #sweepStaged}.
   */
  List<KeptFile> listKept() throws IOException;

  /**
   * Opens such a file to go on with it. Ownership: the caller ends it like any staged file; nobody
   * else has opened it. Errors: {@link java.nio.file.NoSuchFileException} when it is gone.
   */
  StagedFile reopen(KeptFile kept) throws IOException;

  /** Removes such a file and its note; absent is fine. */
  void drop(KeptFile kept) throws IOException;

  /**
   * Removes every staged file and note of an earlier process, but those; returns how many files.
   */
  int sweepStaged(Collection<KeptFile> but) throws IOException;

  /** Bytes that the volume can still take. */
  long usableBytes() throws IOException;

  @Override
  void close() throws IOException;
}
