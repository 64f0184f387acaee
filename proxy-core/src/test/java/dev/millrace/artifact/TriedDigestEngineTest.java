package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The first engine works until the trial has found a faster one, and stays where there is none. */
final class TriedDigestEngineTest {
  private static final long MILLI = 1_000_000;

  private long nanos;

  /** Hashes by the JDK and moves the clock by its cost for each block. */
  private final class TimedEngine implements DigestEngine {
    private final DigestEngine real = new JdkDigestEngine();
    private final String name;
    private final long costNanos;

    TimedEngine(String name, long costNanos) {
      this.name = name;
      this.costNanos = costNanos;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public StreamDigest start(DigestAlgorithm algorithm) {
      StreamDigest hash = real.start(algorithm);
      return new StreamDigest() {
        @Override
        public void update(ByteBuffer piece) {
          hash.update(piece);
          nanos += costNanos;
        }

        @Override
        public StreamDigest copy() {
          return hash.copy();
        }

        @Override
        public Digest finish() {
          return hash.finish();
        }
      };
    }
  }

  /** Stands for a native library that does not load. */
  private static final class BrokenEngine implements DigestEngine {
    @Override
    public String name() {
      return "broken";
    }

    @Override
    public StreamDigest start(DigestAlgorithm algorithm) {
      throw new UnsatisfiedLinkError("planted");
    }
  }

  private TriedDigestEngine engines(DigestEngine... candidates) {
    return new TriedDigestEngine(List.of(candidates), () -> nanos);
  }

  @Test
  void trial_replacesTheFirstEngine_andARunningHashGoesOn() {
    TriedDigestEngine engine =
        engines(new TimedEngine("slow", MILLI), new TimedEngine("fast", MILLI / 2));
    StreamDigest running = engine.start(DigestAlgorithm.SHA_256);
    running.update(ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(engine.name()).isEqualTo("slow");

    engine.tryAll();

    assertThat(engine.name()).isEqualTo("fast");
    running.update(ByteBuffer.wrap(new byte[] {3}));
    StreamDigest other = engine.start(DigestAlgorithm.SHA_256);
    other.update(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    assertThat(running.finish()).isEqualTo(other.finish());
  }

  @Test
  void engineThatDoesNotLoad_leavesTheFirst() {
    TriedDigestEngine engine = engines(new TimedEngine("works", MILLI), new BrokenEngine());

    engine.tryAll();

    assertThat(engine.name()).isEqualTo("works");
    assertThat(engine.start(DigestAlgorithm.SHA_256).finish().hex()).startsWith("e3b0c442");
  }
}
