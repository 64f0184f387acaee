package dev.millrace.artifact;

import java.nio.ByteBuffer;

/**
 * A hash that is fed a body piece by piece.
 *
 * <p>Threading: one thread at a time, with a happens-before between them. An interface because the
 * JDK's and BouncyCastle's engines both implement it.
 */
public interface StreamDigest {
  /**
   * Takes all remaining bytes of the buffer, direct or heap, and moves its position to its limit.
   */
  void update(ByteBuffer piece);

  /** Another hash that was fed the same so far; this one stays as it is. */
  StreamDigest copy();

  /** The digest of all that was fed; the object is used up. */
  Digest finish();
}
