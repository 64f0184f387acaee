package dev.millrace.store;

import static dev.millrace.config.Limits.EVICTION_WAIT_MILLIS;
import static dev.millrace.config.Limits.VOLUME_RESERVE_BYTES;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives bodies their place: in the quota by the {@link Ledger}, and on the volume by what it says
 * is free.
 *
 * <p>The quota's eviction runs while the body arrives. The volume is another matter, for others
 * write to it too: when it lacks space the body waits for one eviction, bounded, and is then
 * refused.
 *
 * <p>Units: bytes. Threading: thread-safe; blocks, so never on an event loop nor on the writer
 * thread.
 */
final class Space implements StagedBlob.Room {
  private static final Logger LOG = LoggerFactory.getLogger(Space.class);

  private final Storage storage;
  private final Ledger ledger;
  private final StoreWriter writer;
  private final KeptBodies kept;
  private final Set<StagedBlob> writing = ConcurrentHashMap.newKeySet();

  Space(Storage storage, Ledger ledger, StoreWriter writer, KeptBodies kept) {
    this.storage = storage;
    this.ledger = ledger;
    this.writer = writer;
    this.kept = kept;
  }

  /** Opens a staged blob with that many bytes reserved. */
  StagedBlob stage(ArtifactKey key, long bytes) throws IOException {
    reserve(bytes);
    boolean staged = false;
    try {
      StagedBlob blob = new StagedBlob(key, storage.stage(), this, bytes);
      writing.add(blob);
      staged = true;
      return blob;
    } finally {
      if (!staged) {
        ledger.giveBack(bytes);
      }
    }
  }

  /** Opens what was kept, with room for all of the body. */
  StagedBlob stage(KeptBody body) throws IOException {
    long bytes = body.note().lengthBytes();
    reserve(bytes);
    boolean staged = false;
    try {
      StagedBlob blob = new StagedBlob(body, storage.reopen(body.file()), this, bytes);
      writing.add(blob);
      staged = true;
      return blob;
    } finally {
      if (!staged) {
        ledger.giveBack(bytes);
      }
    }
  }

  @Override
  public void keep(KeptBody body) {
    kept.add(body);
  }

  @Override
  public void reserve(long bytes) throws IOException {
    while (!ledger.tryReserve(bytes)) {
      if (!kept.dropOldest()) {
        throw new NoSpaceException(NoSpaceException.Where.QUOTA, bytes);
      }
    }
    boolean fits = false;
    try {
      long missing = shortfallBytes();
      while (missing > 0 && kept.dropOldest()) {
        // What is only kept goes before what is stored.
        missing = shortfallBytes();
      }
      fits = missing == 0 || evictAndLookAgain();
    } finally {
      if (!fits) {
        ledger.giveBack(bytes);
      }
    }
    if (!fits) {
      throw new NoSpaceException(NoSpaceException.Where.VOLUME, bytes);
    }
    if (ledger.excessBytes() > 0) {
      writer.wake();
    }
  }

  @Override
  public void lend(long bytes) throws IOException {
    long free = storage.usableBytes() - VOLUME_RESERVE_BYTES;
    if (free - unwrittenBytes() < bytes) {
      throw new NoSpaceException(NoSpaceException.Where.VOLUME, bytes);
    }
  }

  @Override
  public void leave(StagedBlob blob, long bytes) {
    writing.remove(blob);
    ledger.giveBack(bytes);
  }

  /**
   * What the volume lacks for all reserved bytes that are not written yet; 0 when it lacks nothing.
   */
  long shortfallBytes() throws IOException {
    long free = storage.usableBytes() - VOLUME_RESERVE_BYTES;
    return free >= ledger.reservedBytes() - kept.bytes() ? 0 : Math.max(0, unwrittenBytes() - free);
  }

  private long unwrittenBytes() {
    long written = writing.stream().mapToLong(StagedBlob::writtenBytes).sum();
    return Math.max(0, ledger.reservedBytes() - kept.bytes() - written);
  }

  private boolean evictAndLookAgain() throws IOException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (ledger.usedBytes() == 0 || !writer.offer(new Work.MakeRoom(this, done))) {
      return false;
    }
    try {
      done.get(EVICTION_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("no eviction in time", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("a fill thread must not be interrupted", e);
    }
    return shortfallBytes() == 0;
  }
}
