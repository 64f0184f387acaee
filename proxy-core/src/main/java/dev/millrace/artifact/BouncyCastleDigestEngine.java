package dev.millrace.artifact;

import java.nio.ByteBuffer;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;

/**
 * Hashes by BouncyCastle's LTS provider, whose SHA-2 is native where its library loads.
 *
 * <p>It takes heap arrays only, so a direct buffer goes through a scratch array of {@value
 * #SCRATCH_BYTES} bytes, one for each thread that hashes.
 */
public final class BouncyCastleDigestEngine implements DigestEngine {
  private static final int SCRATCH_BYTES = 16 << 10;
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

  @Override
  public String name() {
    return "bouncycastle";
  }

  @Override
  public StreamDigest start(DigestAlgorithm algorithm) {
    ExtendedDigest digest =
        switch (algorithm) {
          case SHA_256 -> SHA256Digest.newInstance();
          case SHA_512 -> SHA512Digest.newInstance();
          case SHA_1 -> new SHA1Digest();
          case MD5 -> new MD5Digest();
        };
    return new BouncyCastleDigest(algorithm, digest);
  }

  private static final class BouncyCastleDigest implements StreamDigest {
    private final DigestAlgorithm algorithm;
    private final ExtendedDigest digest;

    BouncyCastleDigest(DigestAlgorithm algorithm, ExtendedDigest digest) {
      this.algorithm = algorithm;
      this.digest = digest;
    }

    @Override
    public void update(ByteBuffer piece) {
      byte[] scratch = SCRATCH.get();
      while (piece.hasRemaining()) {
        int count = Math.min(scratch.length, piece.remaining());
        piece.get(scratch, 0, count);
        digest.update(scratch, 0, count);
      }
    }

    @Override
    public Digest finish() {
      byte[] value = new byte[digest.getDigestSize()];
      digest.doFinal(value, 0);
      return Digest.of(algorithm, value);
    }
  }
}
