package dev.millrace.fill;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What readers know of a streaming body before its bytes.
 *
 * @param head representation metadata
 * @param lengthBytes length of the body, -1 while it is not known
 * @param expected digests that the body was promised to have
 * @param sure whether what is in the file is what came; false where an earlier boot of the machine
 *     has left it, until the promised digest proves it
 * @param startedAtMillis when the upstream's head arrived, milliseconds since the epoch
 */
public record FillHead(
    ArtifactHead head,
    long lengthBytes,
    List<Digest> expected,
    boolean sure,
    long startedAtMillis) {

  /** The SHA-256 that the body was promised to have, if it was. */
  public @Nullable Digest expectedSha256() {
    for (Digest digest : expected) {
      if (digest.algorithm() == DigestAlgorithm.SHA_256) {
        return digest;
      }
    }
    return null;
  }
}
