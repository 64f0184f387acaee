package dev.millrace.store;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.storage.Published;
import dev.millrace.storage.Storage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One finished body on its way into the store, and the duty to tell its listener once.
 *
 * <p>Threading: confined to the writer thread, except {@link #sync}, which a thread of the round
 * may run. Ownership: owns the staged blob until {@link #succeed} or {@link #refuse}.
 */
final class Commit implements Work {
  private static final Logger LOG = LoggerFactory.getLogger(Commit.class);

  private final StagedBlob staged;
  private final StoredArtifact artifact;
  private final CommitListener listener;
  private volatile boolean synced;
  private volatile @Nullable IOException syncFailure;
  private boolean named;
  private boolean told;

  Commit(StagedBlob staged, StoredArtifact artifact, CommitListener listener) {
    this.staged = staged;
    this.artifact = artifact;
    this.listener = listener;
  }

  StagedBlob staged() {
    return staged;
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
      staged.stagedFile().sync();
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
    named = storage.publish(staged.stagedFile(), digest()) == Published.NAMED;
  }

  /** Whether its own file bears the name now, and not one that was there before. */
  boolean named() {
    return named;
  }

  /** Ends well. The staged blob must have been ended before. */
  void succeed(StoreMeter meter) {
    if (!told) {
      told = true;
      meter.commits.increment();
      try {
        listener.committed(artifact);
      } catch (RuntimeException e) {
        // One listener's mistake must not cost the others their commits.
        LOG.error("a commit listener failed for {}", artifact.key(), e);
      }
    }
  }

  /** Ends badly: discards the staged blob and tells why. Does nothing when it has ended before. */
  void refuse(CommitFailure reason, @Nullable Throwable cause, StoreMeter meter) {
    if (!told) {
      told = true;
      staged.end();
      meter.commitFailures.increment();
      String detail = artifact.key() + (cause == null ? "" : ": " + cause.getMessage());
      LOG.warn("not stored: {}: {}", reason, detail);
      try {
        listener.failed(new CommitException(reason, detail, cause));
      } catch (RuntimeException e) {
        LOG.error("a commit listener failed for {}", artifact.key(), e);
      }
    }
  }
}
