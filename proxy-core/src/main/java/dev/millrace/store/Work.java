package dev.millrace.store;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the writer thread is asked to do. */
sealed interface Work
    permits Commit,
        Work.AlsoName,
        Work.Refresh,
        Work.Reconcile,
        Work.MakeRoom,
        Work.Flush,
        Work.Wake {
  /** Records another key of a blob that is there. */
  record AlsoName(StoredArtifact artifact) implements Work {}

  /** Writes the times of a confirmed artifact. */
  record Refresh(StoredArtifact artifact) implements Work {}

  /** Compares rows and files of these blobs and removes whichever is alone or does not match. */
  record Reconcile(List<Digest> digests, CompletableFuture<Void> done) implements Work {}

  /** Evicts what the volume lacks, whatever the quota says. */
  record MakeRoom(Space space, CompletableFuture<Void> done) implements Work {}

  /** Writes the access counts now. */
  record Flush(CompletableFuture<Void> done) implements Work {}

  /** Only wakes the writer, which looks at the quota and at the time after each round. */
  record Wake() implements Work {}
}
