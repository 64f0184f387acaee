package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The engine that hashes most in its time is taken, on a clock that the engines themselves move.
 */
final class DigestCalibrationTest {
  private static final long MILLI = 1_000_000;

  /** Starts close to the overflow, where only differences may be compared. */
  private long nanos = Long.MAX_VALUE - 10 * MILLI;

  private static final Digest NONE = Digest.of(DigestAlgorithm.SHA_256, new byte[32]);

  /** Takes that long for each block, and another time while it is cold. */
  private final class TimedEngine implements DigestEngine {
    private final String name;
    private final long coldNanos;
    private final long warmNanos;
    private int starts;
    private boolean directOnly = true;

    TimedEngine(String name, long coldNanos, long warmNanos) {
      this.name = name;
      this.coldNanos = coldNanos;
      this.warmNanos = warmNanos;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public StreamDigest start(DigestAlgorithm algorithm) {
      long cost = starts++ == 0 ? coldNanos : warmNanos;
      return new StreamDigest() {
        @Override
        public void update(ByteBuffer piece) {
          directOnly &= piece.isDirect() && piece.hasRemaining();
          piece.position(piece.limit());
          nanos += cost;
        }

        @Override
        public StreamDigest copy() {
          throw new AssertionError("a trial copies nothing");
        }

        @Override
        public Digest finish() {
          return NONE;
        }
      };
    }
  }

  private DigestEngine fastest(DigestEngine... engines) {
    return DigestCalibration.fastest(List.of(engines), () -> nanos);
  }

  @Test
  void fasterEngine_isTaken_whereverItStands() {
    TimedEngine slow = new TimedEngine("slow", MILLI, MILLI);
    TimedEngine fast = new TimedEngine("fast", MILLI / 2, MILLI / 2);

    assertThat(fastest(slow, fast)).isSameAs(fast);
    assertThat(fastest(fast, slow)).isSameAs(fast);
    assertThat(slow.directOnly && fast.directOnly).isTrue();
  }

  @Test
  void firstEngine_winsATie() {
    TimedEngine first = new TimedEngine("first", MILLI, MILLI);
    TimedEngine second = new TimedEngine("second", MILLI, MILLI);

    assertThat(fastest(first, second)).isSameAs(first);
  }

  @Test
  void slowStart_doesNotCountAgainstAnEngine() {
    TimedEngine steady = new TimedEngine("steady", MILLI, MILLI);
    TimedEngine lateFast = new TimedEngine("lateFast", 5 * MILLI, MILLI / 4);

    assertThat(fastest(steady, lateFast)).isSameAs(lateFast);
  }

  @Test
  void calibration_takesItsTimeForEachEngineAndNoMore() {
    long before = nanos;
    fastest(new TimedEngine("a", MILLI, MILLI), new TimedEngine("b", MILLI, MILLI));

    long each = DigestCalibration.TRIAL.toNanos();
    assertThat(nanos - before).isBetween(2 * each, 2 * each + 4 * MILLI);
  }

  @Test
  void theOnlyEngine_isTaken() {
    TimedEngine only = new TimedEngine("only", 1000 * MILLI, 1000 * MILLI);

    assertThat(fastest(only)).isSameAs(only);
  }
}
