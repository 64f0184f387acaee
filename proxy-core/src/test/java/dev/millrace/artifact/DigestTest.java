package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A digest's text is safe as a file name, and its bytes survive every spelling. */
final class DigestTest {
  private static final String EMPTY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @Test
  void digest_hasThreeSpellings() {
    Digest digest = Digest.sha256(EMPTY);

    assertThat(digest.hex()).isEqualTo(EMPTY);
    assertThat(digest).hasToString("sha256:" + EMPTY);
    assertThat(digest.base64()).isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assertThat(Digest.of(DigestAlgorithm.SHA_256, HexFormat.of().parseHex(EMPTY)))
        .isEqualTo(digest);
  }

  @ParameterizedTest
  @EnumSource
  void digest_hasTheLengthOfItsAlgorithm(DigestAlgorithm algorithm) {
    int size = algorithm.sizeBytes();

    assertThat(Digest.of(algorithm, new byte[size]).hex()).isEqualTo("0".repeat(2 * size));
    assertThatThrownBy(() -> Digest.of(algorithm, new byte[size - 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Digest.of(algorithm, new byte[size + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(algorithm.label()).matches("[a-z0-9]+");
  }

  /** OC06. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "../../x",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
        "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg",
        "../../../../../../../../../../../../../../../../../../../../../x",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\u0661",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\0"
      })
  void textThatIsNotLowerHex_isNoDigest(String hex) {
    assertThatThrownBy(() -> Digest.sha256(hex)).isInstanceOf(IllegalArgumentException.class);
  }
}
