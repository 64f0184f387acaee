package dev.millrace.store;

import dev.millrace.artifact.StoredArtifact;

/**
 * Hears once what became of a commit.
 *
 * <p>Threading: called on the store's writer thread, or on the committing thread when the commit is
 * refused at once. It must not block: every other commit waits behind it.
 */
public interface CommitListener {
  /** The artifact is durable and found by {@link BlobStore#findHot} from now on. */
  void committed(StoredArtifact artifact);

  /** Nothing was stored; the cause is a {@link CommitException} unless the program is wrong. */
  void failed(Throwable cause);
}
