package dev.millrace.fill;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.StreamDigest;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a body that passes through, and is not kept, against the digests that it was promised to
 * have. Threading: one thread at a time.
 */
final class BodyProver {
  private static final Logger LOG = LoggerFactory.getLogger(BodyProver.class);

  private final ArtifactKey key;
  private final FillEvents events;
  private final List<Digest> promised;
  private final List<StreamDigest> hashes;

  /**
   * A proof that has begun.
   *
   * @param hashes one for each promised digest, fed with what lies before the first {@link #update}
   */
  BodyProver(ArtifactKey key, FillEvents events, List<Digest> promised, List<StreamDigest> hashes) {
    assert promised.size() == hashes.size();
    this.key = key;
    this.events = events;
    this.promised = promised;
    this.hashes = new ArrayList<>(hashes);
  }

  /** One from the first byte on. */
  static BodyProver fromTheFirstByte(
      ArtifactKey key, FillServices services, List<Digest> promised) {
    List<StreamDigest> hashes =
        promised.stream().map(digest -> services.digests().start(digest.algorithm())).toList();
    return new BodyProver(key, services.events(), promised, hashes);
  }

  /** Hashes a piece and leaves it as it is. */
  void update(ByteBuf piece) {
    ByteBuffer view = piece.nioBuffer();
    for (StreamDigest hash : hashes) {
      hash.update(view.duplicate());
    }
  }

  /** Whether all that was fed has the promised digests; once. */
  boolean isProven() {
    Map<DigestAlgorithm, Digest> found = new EnumMap<>(DigestAlgorithm.class);
    hashes.forEach(hash -> {
      Digest actual = hash.finish();
      found.put(actual.algorithm(), actual);
    });
    return promised.stream().allMatch(digest -> matches(key, events, digest, found));
  }

  /** Compares one digest; counts and logs it when it is another. */
  static boolean matches(
      ArtifactKey key, FillEvents events, Digest promised, Map<DigestAlgorithm, Digest> found) {
    Digest actual = found.get(promised.algorithm());
    if (promised.equals(actual)) {
      return true;
    }
    events.digestMismatch();
    LOG.warn("the body of {} was promised to have {} and has {}", key, promised, actual);
    return false;
  }
}
