package dev.millrace.store;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.catalog.CatalogException;
import dev.millrace.storage.Published;
import dev.millrace.storage.StagedFile;
import dev.millrace.storage.Storage;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One finished body on its way into the store, and the duty to tell its listener once.
 *
 * <p>Threading: confined to the writer thread, except {@link #sync}, which a thread of the round
 * may run. Ownership: owns the staged blob, or a reference to the small body, until {@link #end} or
 * {@link #refuse}.
 */
final class Commit implements Work {
  private static final Logger LOG = LoggerFactory.getLogger(Commit.class);

  private final @Nullable StagedBlob staged;
  private final @Nullable SmallBody small;
  private final StoredArtifact artifact;
  private final CommitListener listener;
  private volatile boolean synced;
  private volatile @Nullable IOException syncFailure;
  private @Nullable StagedFile file;
  private final @Nullable Ledger reservedIn;
  private boolean ended;
  private boolean named;
  private boolean told;

  /** Of a body in a staged file. */
  Commit(StagedBlob staged, StoredArtifact artifact, CommitListener listener) {
    this.staged = staged;
    this.small = null;
    this.reservedIn = null;
    this.file = staged.stagedFile();
    this.artifact = artifact;
    this.listener = listener;
  }

  /**
   * Of a body in memory, which {@link #stage} writes to a file. Takes a reference of its own, and
   * the reservation of its size in the ledger.
   */
  Commit(SmallBody small, StoredArtifact artifact, CommitListener listener, Ledger reservedIn) {
    this.staged = null;
    this.small = small;
    this.reservedIn = reservedIn;
    this.artifact = artifact;
    this.listener = listener;
    small.retain();
  }

  /** Whether the body is in memory and has to be staged first. */
  boolean isSmall() {
    return small != null;
  }

  /** The body's file; of a small one once it is staged. */
  StagedFile file() {
    return Objects.requireNonNull(file);
  }

  /** Gives a small body its file. */
  void stage(Storage storage) throws IOException {
    assert small != null;
    StagedFile opened = storage.stage();
    file = opened;
    opened.file().write(small.bytes().nioBuffer(), 0);
  }

  /** Gives back all that it holds; its named file stays. Harmless a second time. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (staged != null) {
      staged.end();
      return;
    }
    if (file != null) {
      file.discard();
    }
    assert small != null && reservedIn != null;
    reservedIn.giveBack(artifact.sizeBytes());
    small.release();
  }

  StoredArtifact artifact() {
    return artifact;
  }

  Digest digest() {
    return artifact.digest();
  }

  /** Makes the bytes durable; what went wrong is in {@link #syncFailure}. */
  void sync() {
    try {
      file().sync();
      synced = true;
    } catch (IOException e) {
      syncFailure = e;
    }
  }

  @Nullable IOException syncFailure() {
    // Neither: it broke in a way that nobody foresaw, and nothing is known of the bytes.
    return synced || syncFailure != null ? syncFailure : new IOException("the sync did not end");
  }

  void publish(Storage storage) throws IOException {
    named = storage.publish(file(), digest()) == Published.NAMED;
  }

  /** Whether its own file bears the name now, and not one that was there before. */
  boolean named() {
    return named;
  }

  /** Ends well; {@link #end} must have been called before. */
  void succeed(StoreMeter meter) {
    if (!told) {
      told = true;
      meter.commits.increment();
      try {
        listener.committed(artifact);
      } catch (RuntimeException | AssertionError e) {
        // One listener's mistake must not cost the others their commits.
        LOG.error("a commit listener failed for {}", artifact.key(), e);
      }
    }
  }

  /** Ends badly: discards the body and tells why. Does nothing when it has ended before. */
  void refuse(CommitFailure reason, @Nullable Throwable cause, StoreMeter meter) {
    if (!told) {
      told = true;
      try {
        end();
      } catch (RuntimeException e) {
        // The listener has to be told all the same: its fill would stand in the table for ever.
        LOG.error("what {} held was not given back", artifact.key(), e);
      }
      meter.commitFailures.increment();
      String detail = artifact.key() + (cause == null ? "" : ": " + cause.getMessage());
      if (cause instanceof CatalogException e && e.isOutage()) {
        // Said once, when the outage began; these are counted.
        LOG.debug("not stored: {}: {}", reason, detail);
      } else {
        LOG.warn("not stored: {}: {}", reason, detail);
      }
      try {
        listener.failed(new CommitException(reason, detail, cause));
      } catch (RuntimeException e) {
        LOG.error("a commit listener failed for {}", artifact.key(), e);
      }
    }
  }
}
