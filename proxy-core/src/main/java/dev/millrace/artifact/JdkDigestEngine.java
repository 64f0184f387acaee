package dev.millrace.artifact;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Hashes by the JDK's own provider: an intrinsic on CPUs with SHA instructions, and direct buffers
 * are read in place, without a heap copy.
 */
public final class JdkDigestEngine implements DigestEngine {
  @Override
  public String name() {
    return "jdk";
  }

  @Override
  public StreamDigest start(DigestAlgorithm algorithm) {
    try {
      return new JdkDigest(algorithm, MessageDigest.getInstance(algorithm.jcaName()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm.jcaName(), e);
    }
  }

  private record JdkDigest(DigestAlgorithm algorithm, MessageDigest digest)
      implements StreamDigest {
    @Override
    public void update(ByteBuffer piece) {
      digest.update(piece);
    }

    @Override
    public StreamDigest copy() {
      try {
        return new JdkDigest(algorithm, (MessageDigest) digest.clone());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("the JDK's own " + algorithm.jcaName() + " has copies", e);
      }
    }

    @Override
    public Digest finish() {
      return Digest.of(algorithm, digest.digest());
    }
  }
}
