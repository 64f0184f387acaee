package dev.millrace.fill;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.Proof;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.observe.FetchFailure;
import java.util.Map;

/**
 * Judges a body of the right length that has ended: by its digests, and by how it ended. Threading:
 * stateless.
 */
final class BodyProof {
  private BodyProof() {}

  /** A judgement. */
  sealed interface Judgement {}

  /**
   * It is what it was promised to be.
   *
   * @param artifact what the catalog is to know
   * @param storable whether it may be kept
   */
  record Right(StoredArtifact artifact, boolean storable) implements Judgement {}

  /**
   * It is not, or nothing proves it.
   *
   * @param failure why
   */
  record Wrong(FillFailure failure) implements Judgement {}

  /** Judges the body of that fill; {@code found} has a SHA-256 and whatever was promised. */
  static Judgement of(
      Fill fill,
      HeadRule.Store verdict,
      BodyEnd end,
      long length,
      Map<DigestAlgorithm, Digest> found) {
    boolean proven = !verdict.expected().isEmpty();
    for (Digest promised : verdict.expected()) {
      if (!BodyProver.matches(fill.order().key(), fill.services().events(), promised, found)) {
        String detail = "promised " + promised + ", got " + found.get(promised.algorithm());
        if (verdict.enforced()) {
          tell(fill, false);
          return new Wrong(new FillFailure(FetchFailure.DIGEST_MISMATCH, detail));
        }
        proven = false;
      }
    }
    if (end == BodyEnd.CLOSED && !proven) {
      // A close proves nothing, and a reader that is told of an end believes it.
      return new Wrong(
          new FillFailure(FetchFailure.CLOSED_EARLY, "ended by close, and no digest proves it"));
    }
    if (proven) {
      tell(fill, true);
    }
    boolean storable =
        switch (end) {
          case LENGTH_MET, LAST_CHUNK, CLOSED -> true;
          case NONE, LENGTH_MET_UNSOLICITED -> false;
        };
    return new Right(artifact(fill, verdict, proofOf(end, proven), length, found), storable);
  }

  private static void tell(Fill fill, boolean right) {
    fill.services()
        .fetcher()
        .judged(fill.order().request().remote(), fill.order().key().plainPath(), right);
  }

  private static Proof proofOf(BodyEnd end, boolean proven) {
    return proven ? Proof.DIGEST : end == BodyEnd.LENGTH_MET ? Proof.LENGTH : Proof.LAST_CHUNK;
  }

  private static StoredArtifact artifact(
      Fill fill,
      HeadRule.Store verdict,
      Proof proof,
      long length,
      Map<DigestAlgorithm, Digest> found) {
    Digest name = found.get(DigestAlgorithm.SHA_256);
    assert name != null;
    long now = fill.services().clock().millis();
    return new StoredArtifact(
        fill.order().key(),
        name,
        length,
        verdict.head(),
        proof,
        now,
        now,
        verdict.ttlMillis() == StoredArtifact.NEVER
            ? StoredArtifact.NEVER
            : now + verdict.ttlMillis());
  }
}
