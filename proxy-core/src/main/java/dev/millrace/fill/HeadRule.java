package dev.millrace.fill;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StoredArtifact;
import java.util.List;

/**
 * Decides what becomes of an upstream's answer, once for each fill.
 *
 * <p>Threading: called on the fetch's event loop; must not block.
 */
@FunctionalInterface
public interface HeadRule {
  /** The verdict over that head. */
  Verdict decide(FetchHead head);

  /**
   * The body was stored. Called on the store's thread; must not block.
   *
   * @param artifact as it is recorded
   */
  default void stored(StoredArtifact artifact) {
    // Most rules have nothing to add.
  }

  /** What becomes of the answer. */
  sealed interface Verdict {}

  /**
   * The body is staged, shared and stored.
   *
   * @param head what is kept of the head
   * @param expected digests that the body was promised to have
   * @param enforced whether a body without them fails, or is only reported
   * @param ttlMillis freshness in milliseconds, {@link StoredArtifact#NEVER} for ever
   * @param lasting whether the upstream is to answer the same for ever, so that a body that broke
   *     off may be asked for again whatever names it
   */
  record Store(
      ArtifactHead head, List<Digest> expected, boolean enforced, long ttlMillis, boolean lasting)
      implements Verdict {}

  /** The body goes to the leader alone and is not kept. */
  record Relay() implements Verdict {}

  /** The head says it all; a body, if there is one, is not read. */
  record Answer() implements Verdict {}
}
