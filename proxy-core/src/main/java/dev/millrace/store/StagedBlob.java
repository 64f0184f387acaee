package dev.millrace.store;

import static dev.millrace.config.Limits.RESERVATION_STEP_BYTES;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.storage.KeptFile;
import dev.millrace.storage.OpenFile;
import dev.millrace.storage.StagedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A body that is being written, with its place reserved. A duty, used once: it ends by {@link
 * BlobStore#commit}, which takes it over, or by {@link #close}, which discards it.
 *
 * <pre>
 * WRITING ──commit──► COMMITTING ──writer thread──► ENDED
 *    └─────────close, keep─────────────────────────►┘
 * </pre>
 *
 * <p>Threading: written and grown on one fill thread at a time; ended by any one thread.
 *
 * <p>Ownership: holds the staged file and the reservation until it ends, and gives each back once.
 */
public final class StagedBlob implements AutoCloseable {
  private enum State {
    /** The fill has it. */
    WRITING,
    /** The writer has it; closing it does nothing. */
    COMMITTING,
    /** File and reservation are given back. */
    ENDED
  }

  private final ArtifactKey key;
  private final StagedFile stagedFile;
  private final Room room;
  private final AtomicReference<State> state = new AtomicReference<>(State.WRITING);
  private volatile long reservedBytes;
  private volatile long writtenBytes;
  private @Nullable KeptNote note;
  private long neededBytes;
  private long lentBytes;

  /** Who gives place to a body that grows. */
  interface Room {
    void reserve(long bytes) throws IOException;

    /** Looks whether the volume alone has that much to spare. */
    void lend(long bytes) throws IOException;

    void leave(StagedBlob blob, long bytes);

    /** Takes over what is kept of a body that has left. */
    void keep(KeptBody body);
  }

  /** One that goes on with what was kept. */
  StagedBlob(KeptBody body, StagedFile stagedFile, Room room, long reservedBytes) {
    this(body.note().key(), stagedFile, room, reservedBytes);
    this.note = body.note();
    this.writtenBytes = body.bytes();
  }

  StagedBlob(ArtifactKey key, StagedFile stagedFile, Room room, long reservedBytes) {
    this.key = key;
    this.stagedFile = stagedFile;
    this.room = room;
    this.reservedBytes = reservedBytes;
    this.neededBytes = reservedBytes;
  }

  /** The artifact that it is meant for. */
  public ArtifactKey key() {
    return key;
  }

  /**
   * The file to read from; it is written by {@link #write}. Ownership: not retained for the caller.
   */
  public OpenFile file() {
    return stagedFile.file();
  }

  /**
   * Makes sure that there is place for that many bytes more than were asked for so far. Cheap but
   * once in {@code RESERVATION_STEP_BYTES}.
   *
   * <p>A body that outgrows the quota is not cut off: it goes on in place that only the volume
   * lends, and is not {@link #isKeepable} any more.
   *
   * <p>Errors: {@link NoSpaceException} when the volume is full, or the disk's own error; the body
   * must then be closed.
   */
  public void grow(long bytes) throws IOException {
    neededBytes += bytes;
    long missing = neededBytes - reservedBytes - lentBytes;
    if (missing <= 0) {
      return;
    }
    long step = Math.max(missing, RESERVATION_STEP_BYTES);
    // A whole step is a convenience; near the limit the body takes what it needs.
    if (isKeepable() && (reserve(step) || reserve(missing))) {
      return;
    }
    room.lend(step);
    lentBytes += step;
  }

  private boolean reserve(long step) throws IOException {
    long held = reservedBytes;
    try {
      room.reserve(step);
    } catch (NoSpaceException e) {
      return false;
    }
    reservedBytes = held + step;
    return true;
  }

  /** Writes all of it at that position, where nothing was written before. Blocks on the disk. */
  public void write(ByteBuffer bytes, long position) throws IOException {
    // By one fill thread at a time, so there is no lost update.
    long all = writtenBytes + bytes.remaining();
    file().write(bytes, position);
    writtenBytes = all;
  }

  /** Whether all of it has its place in the quota, so that it may be committed. */
  public boolean isKeepable() {
    return lentBytes == 0;
  }

  /** Says of what it is the beginning, so that it can be kept. Errors: then it cannot. */
  public void describe(KeptNote said) throws IOException {
    stagedFile.describe(said.text());
    note = said;
  }

  /**
   * Takes back what was {@linkplain #describe said}: what is there is not the beginning any more.
   * Errors: then it could be taken for that after a crash, and must be closed.
   */
  public void forget() throws IOException {
    if (note != null) {
      stagedFile.forget();
      note = null;
    }
  }

  /**
   * Ends it like {@link #close}, but keeps what is there for the next who asks, if it was {@link
   * #describe}d.
   */
  public void keep() {
    KeptNote said = note;
    if (said == null) {
      close();
      return;
    }
    if (!state.compareAndSet(State.WRITING, State.ENDED)) {
      return;
    }
    KeptFile left = null;
    try {
      left = stagedFile.keep();
    } catch (IOException e) {
      stagedFile.discard();
    }
    room.leave(this, reservedBytes);
    if (left != null) {
      room.keep(new KeptBody(left, said));
    }
  }

  /** Discards the body unless it was committed. Harmless a second time. */
  @Override
  public void close() {
    if (state.compareAndSet(State.WRITING, State.ENDED)) {
      giveBackAll();
    }
  }

  /** How much of its reservation is in the file by now. */
  long writtenBytes() {
    return Math.min(reservedBytes, writtenBytes);
  }

  StagedFile stagedFile() {
    return stagedFile;
  }

  /** Hands the duty to the writer; the caller's close does nothing from now on. */
  void startCommit() {
    if (!state.compareAndSet(State.WRITING, State.COMMITTING)) {
      throw new IllegalStateException(
          "a staged blob is committed once, this one is " + state.get());
    }
  }

  /** Ends the duty that {@link #startCommit} took. Harmless a second time. */
  void end() {
    if (state.compareAndSet(State.COMMITTING, State.ENDED)) {
      giveBackAll();
    }
  }

  private void giveBackAll() {
    stagedFile.discard();
    room.leave(this, reservedBytes);
  }
}
