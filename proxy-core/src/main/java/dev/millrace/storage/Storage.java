package dev.millrace.storage;

import dev.millrace.artifact.Digest;
import java.io.IOException;
import java.util.Collection;
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
 * #syncPublished}, and only then a row in the catalog (shared rule; measured on ext4 and xfs).
 */
public interface Storage extends AutoCloseable {
  /** Opens a new empty staged file. Ownership: the caller holds it until publish or discard. */
  StagedFile stage() throws IOException;

  /**
   * Gives the synced staged file its final name. A blob that is already there under this digest
   * stays, and the staged one is dropped. The staged file's open descriptor stays valid either way.
   */
  void publish(StagedFile staged, Digest digest) throws IOException;

  /** Makes the names given by {@link #publish} durable (directory sync), each directory once. */
  void syncPublished(Collection<Digest> digests) throws IOException;

  /**
   * Opens a published blob for reading. Errors: {@link java.nio.file.NoSuchFileException} if
   * absent.
   */
  OpenFile open(Digest digest) throws IOException;

  /** Unlinks a published blob; absent is fine. Open leases stay valid. */
  void delete(Digest digest) throws IOException;

  /** Visits every published blob, in the order of the directories. */
  void list(Consumer<PublishedBlob> visitor) throws IOException;

  /** Removes every staged file left by an earlier process; returns how many. */
  int sweepStaged() throws IOException;

  /** Bytes that the volume can still take. */
  long usableBytes() throws IOException;

  @Override
  void close() throws IOException;
}
