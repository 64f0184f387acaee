package dev.millrace.artifact;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.util.Memoable;
import org.jspecify.annotations.Nullable;

/**
 * Hashes by BouncyCastle's LTS provider, whose SHA-2 is native where its library loads.
 *
 * <p>It takes heap arrays only, so a direct buffer goes through a scratch array of {@value
 * #SCRATCH_BYTES} bytes, one for each thread that hashes.
 *
 * <p>A SHA-2 state lies in native memory that is given back some seconds after its object was
 * collected, and until then several objects on the heap stand for it. So a state that has finished,
 * which resets it, is used again; one that was given up is left to the collector.
 *
 * <p>Limits: {@value #IDLE_MAX} unused states of each algorithm.
 */
public final class BouncyCastleDigestEngine implements DigestEngine {
  private static final int SCRATCH_BYTES = 16 << 10;
  private static final int IDLE_MAX = 64;
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

  private final Queue<ExtendedDigest> idleSha256 = new ArrayBlockingQueue<>(IDLE_MAX);
  private final Queue<ExtendedDigest> idleSha512 = new ArrayBlockingQueue<>(IDLE_MAX);

  @Override
  public String name() {
    return "bouncycastle";
  }

  @Override
  public StreamDigest start(DigestAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA_256 -> reused(algorithm, idleSha256, SHA256Digest::newInstance);
      case SHA_512 -> reused(algorithm, idleSha512, SHA512Digest::newInstance);
      case SHA_1 -> new BouncyCastleDigest(algorithm, new SHA1Digest(), null);
      case MD5 -> new BouncyCastleDigest(algorithm, new MD5Digest(), null);
    };
  }

  private static StreamDigest reused(
      DigestAlgorithm algorithm, Queue<ExtendedDigest> idle, Supplier<ExtendedDigest> maker) {
    ExtendedDigest found = idle.poll();
    return new BouncyCastleDigest(algorithm, found == null ? maker.get() : found, idle);
  }

  private static final class BouncyCastleDigest implements StreamDigest {
    private final DigestAlgorithm algorithm;
    private final @Nullable Queue<ExtendedDigest> idle;

    /** Null once it has finished: its state may be another's by then. */
    private @Nullable ExtendedDigest state;

    BouncyCastleDigest(
        DigestAlgorithm algorithm, ExtendedDigest state, @Nullable Queue<ExtendedDigest> idle) {
      this.algorithm = algorithm;
      this.state = state;
      this.idle = idle;
    }

    @Override
    public void update(ByteBuffer piece) {
      ExtendedDigest running = Objects.requireNonNull(state);
      byte[] scratch = SCRATCH.get();
      while (piece.hasRemaining()) {
        int count = Math.min(scratch.length, piece.remaining());
        piece.get(scratch, 0, count);
        running.update(scratch, 0, count);
      }
    }

    @Override
    public StreamDigest copy() {
      ExtendedDigest copied = (ExtendedDigest) ((Memoable) Objects.requireNonNull(state)).copy();
      return new BouncyCastleDigest(algorithm, copied, idle);
    }

    @Override
    public Digest finish() {
      ExtendedDigest finished = Objects.requireNonNull(state);
      state = null;
      byte[] value = new byte[finished.getDigestSize()];
      finished.doFinal(value, 0);
      if (idle != null) {
        idle.offer(finished);
      }
      return Digest.of(algorithm, value);
    }
  }
}
