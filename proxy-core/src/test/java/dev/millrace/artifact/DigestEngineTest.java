package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both engines give the published values, however the bytes are cut and wherever they are. */
final class DigestEngineTest {
  private static final int BODY_BYTES = 100_003;

  /** Around the block of the hashes, the scratch array of one engine, and beyond. */
  private static final List<Integer> SPLITS =
      List.of(1, 3, 63, 64, 65, 127, 128, 1000, 16_383, 16_384, 16_385, 50_000, BODY_BYTES);

  static Stream<DigestEngine> engines() {
    return Stream.of(new JdkDigestEngine(), new BouncyCastleDigestEngine());
  }

  static Stream<Arguments> knownValues() {
    return engines()
        .flatMap(engine ->
            Stream.of(
                Arguments.of(
                    engine,
                    DigestAlgorithm.SHA_256,
                    "abc",
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                Arguments.of(
                    engine,
                    DigestAlgorithm.SHA_256,
                    "",
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                Arguments.of(
                    engine,
                    DigestAlgorithm.SHA_512,
                    "abc",
                    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
                Arguments.of(
                    engine,
                    DigestAlgorithm.SHA_1,
                    "abc",
                    "a9993e364706816aba3e25717850c26c9cd0d89d"),
                Arguments.of(
                    engine, DigestAlgorithm.MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
                Arguments.of(engine, DigestAlgorithm.MD5, "", "d41d8cd98f00b204e9800998ecf8427e")));
  }

  @ParameterizedTest
  @MethodSource("knownValues")
  void engine_givesPublishedValues(
      DigestEngine engine, DigestAlgorithm algorithm, String text, String hex) {
    StreamDigest digest = engine.start(algorithm);
    digest.update(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));

    assertThat(digest.finish()).isEqualTo(new Digest(algorithm, hex));
  }

  @ParameterizedTest
  @MethodSource("engines")
  void pieces_ofAnySizeAndPlace_giveTheValueOfTheWhole(DigestEngine engine) {
    byte[] body = new byte[BODY_BYTES];
    new Random(7).nextBytes(body);
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      StreamDigest whole = new JdkDigestEngine().start(algorithm);
      whole.update(ByteBuffer.wrap(body));
      Digest expected = whole.finish();
      for (int split : SPLITS) {
        assertThat(inPieces(engine.start(algorithm), body, split)).isEqualTo(expected);
      }
    }
  }

  /** Direct, heap with an offset, read-only, empty: in turn. */
  private static Digest inPieces(StreamDigest digest, byte[] body, int split) {
    int turn = 0;
    for (int at = 0; at < body.length; at += split) {
      int count = Math.min(split, body.length - at);
      ByteBuffer piece =
          switch (turn++ % 3) {
            case 0 -> ByteBuffer.allocateDirect(count + 2).position(1).limit(count + 1);
            case 1 -> ByteBuffer.wrap(body, at, count);
            default -> ByteBuffer.wrap(body, at, count).slice().asReadOnlyBuffer();
          };
      if (piece.isDirect()) {
        piece.put(body, at, count).position(1);
      }
      digest.update(piece);
      assertThat(piece.hasRemaining()).isFalse();
      digest.update(ByteBuffer.allocate(0));
    }
    return digest.finish();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void copy_goesItsOwnWay(DigestEngine engine) {
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      StreamDigest first = engine.start(algorithm);
      first.update(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      StreamDigest second = first.copy();
      first.update(ByteBuffer.wrap(new byte[] {4}));
      second.update(ByteBuffer.wrap(new byte[] {5}));

      assertThat(first.finish()).isEqualTo(digest(engine, algorithm, 1, 2, 3, 4));
      assertThat(second.finish()).isEqualTo(digest(engine, algorithm, 1, 2, 3, 5));
    }
  }

  private static Digest digest(DigestEngine engine, DigestAlgorithm algorithm, int... bytes) {
    StreamDigest hash = engine.start(algorithm);
    for (int each : bytes) {
      hash.update(ByteBuffer.wrap(new byte[] {(byte) each}));
    }
    return hash.finish();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void engine_runsSeveralHashesAtOnce(DigestEngine engine) {
    StreamDigest one = engine.start(DigestAlgorithm.SHA_256);
    StreamDigest two = engine.start(DigestAlgorithm.SHA_256);
    one.update(ByteBuffer.wrap(new byte[] {'a'}));
    two.update(ByteBuffer.wrap(new byte[] {'a'}));
    one.update(ByteBuffer.wrap(new byte[] {'b', 'c'}));

    assertThat(one.finish().hex()).startsWith("ba7816bf");
    assertThat(two.finish().hex()).startsWith("ca978112");
    assertThat(engine.name()).isNotBlank();
  }

  /** States are used again: a body that was given up, or any number of others, must not show. */
  @ParameterizedTest
  @MethodSource("engines")
  void hashes_oneAfterTheOther_knowNothingOfEachOther(DigestEngine engine) {
    for (int round = 0; round < 100; round++) {
      engine.start(DigestAlgorithm.SHA_256).update(ByteBuffer.wrap(new byte[] {'x'}));
      StreamDigest digest = engine.start(DigestAlgorithm.SHA_256);
      digest.update(ByteBuffer.wrap(new byte[] {'a', 'b', 'c'}));

      assertThat(digest.finish().hex()).startsWith("ba7816bf");
    }
  }

  @Test
  void finishedHash_ofBouncyCastle_isUsedUp() {
    StreamDigest digest = new BouncyCastleDigestEngine().start(DigestAlgorithm.SHA_256);
    digest.finish();

    assertThatThrownBy(() -> digest.update(ByteBuffer.allocate(1)))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(digest::finish).isInstanceOf(NullPointerException.class);
  }
}
