package dev.millrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Container registries: which paths change, and what proves what they hold. */
final class DockerFormatTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String BLOB = "v2/a/b/blobs/sha256:" + HEX;
  private static final String BY_DIGEST = "v2/a/b/manifests/sha256:" + HEX;
  private static final String BY_TAG = "v2/a/b/manifests/latest";
  private static final Fields NO_FIELDS = name -> List.of();

  private final Format format = new DockerFormat();

  private static Fields said(String... values) {
    return name -> name.equals("Docker-Content-Digest") ? List.of(values) : List.of();
  }

  private Choice choose(String path, String... accept) {
    return format.choose(path, () -> List.of(accept));
  }

  @ParameterizedTest
  @CsvSource({
    "v2/a/manifests/latest, MUTABLE",
    "v2/a/tags/list, MUTABLE",
    "v2/a/_catalog, PASS_THROUGH",
    "v2/, PASS_THROUGH",
    "a/manifests/latest, PASS_THROUGH",
  })
  void whatHasNoDigest_changesOrIsRelayed(String path, ContentClass expected) {
    assertThat(format.classify(path)).isEqualTo(expected);
  }

  @Test
  void whatADigestNames_neverChanges_butItsReferrersDo() {
    assertThat(format.classify(BLOB)).isEqualTo(ContentClass.IMMUTABLE);
    assertThat(format.classify(BY_DIGEST)).isEqualTo(ContentClass.IMMUTABLE);
    assertThat(format.classify("v2/a/referrers/sha256:" + HEX)).isEqualTo(ContentClass.MUTABLE);
  }

  @Test
  void digestOfThePath_isPromised_whateverTheUpstreamSays() {
    Fields other = said("sha256:" + "f".repeat(64));
    assertThat(format.promisedDigests(BLOB, other)).containsExactly(Digest.sha256(HEX));
    assertThat(format.promisedDigests(BY_DIGEST, other)).containsExactly(Digest.sha256(HEX));
    assertThat(format.promisedDigests("v2/a/blobs/sha512:" + HEX + HEX, NO_FIELDS))
        .containsExactly(new Digest(DigestAlgorithm.SHA_512, HEX + HEX));
  }

  @Test
  void tagsManifest_isPromisedWhatTheUpstreamSays_ifThatIsOneDigest() {
    assertThat(format.promisedDigests(BY_TAG, said("sha256:" + HEX)))
        .containsExactly(Digest.sha256(HEX));
    assertThat(format.promisedDigests(BY_TAG, NO_FIELDS)).isEmpty();
    assertThat(format.promisedDigests(BY_TAG, said("sha256:short"))).isEmpty();
    assertThat(format.promisedDigests(BY_TAG, said("sha256:" + HEX, "sha256:" + HEX))).isEmpty();
    assertThat(format.promisedDigests("v2/a/tags/list", said("sha256:" + HEX))).isEmpty();
  }

  @Test
  void accept_choosesAmongATagsManifests_andTheUpstreamIsAskedByWhatWasKeyed() {
    Choice tag = choose(BY_TAG, "c/d;q=0.5,a/b", "e/f");
    assertThat(tag.accept()).containsExactly("a/b, c/d;q=0.5, e/f");
    assertThat(tag.variant()).startsWith("accept:").hasSizeLessThan(48);
    assertThat(choose(BY_TAG, "e/f , c/d;q=0.5", "a/b", "a/b,")).isEqualTo(tag);
    assertThat(choose(BY_TAG, "a/b", "e/f").variant()).isNotEqualTo(tag.variant());
  }

  /** What one registry reads otherwise than another must not be kept as the same. */
  @ParameterizedTest
  @ValueSource(strings = {"a/b, c/d +json", "A/b, c/d+json", "a/b, c/d+json;", "a/b c/d+json"})
  void otherSpelling_isAnotherChoice(String accept) {
    assertThat(choose(BY_TAG, accept).variant())
        .isNotEqualTo(choose(BY_TAG, "a/b, c/d+json").variant());
  }

  @Test
  void emptyAccept_isNone() {
    assertThat(choose(BY_TAG)).isEqualTo(Choice.NONE);
    assertThat(choose(BY_TAG, " , ", "")).isEqualTo(Choice.NONE);
  }

  @Test
  void digest_leavesNothingToChoose_andTheUpstreamIsAskedForAnyManifest() {
    assertThat(choose(BY_DIGEST, "a/b")).isEqualTo(choose(BY_DIGEST));
    assertThat(choose(BY_DIGEST).variant()).isEmpty();
    assertThat(choose(BY_DIGEST).accept())
        .singleElement()
        .asString()
        .contains("image.index.v1+json", "manifest.list.v2+json", "*/*");
    assertThat(choose(BLOB, "a/b")).isEqualTo(Choice.NONE);
    assertThat(choose("v2/a/tags/list", "a/b")).isEqualTo(Choice.NONE);
  }

  @Test
  void signedManifest_isNotPromised_forItsDigestIsThatOfAPart() {
    Fields signed =
        name ->
            switch (name) {
              case "Docker-Content-Digest" -> List.of("sha256:" + HEX);
              case "Content-Type" ->
                  List.of("application/vnd.docker.distribution.manifest.v1+prettyjws");
              default -> List.of();
            };
    assertThat(format.promisedDigests(BY_TAG, signed)).isEmpty();
  }

  @Test
  void pathOfNoRegistry_isNotAskedFor() {
    assertThat(format.knows(BLOB)).isTrue();
    assertThat(format.knows("token")).isFalse();
    assertThat(format.knows("v2/token")).isFalse();
    assertThat(format.knows("")).isFalse();
  }

  @Test
  void tagsManifest_lastsUnderItsDigest() {
    Digest sha256 = Digest.sha256(HEX);
    assertThat(format.lastingPath(BY_TAG, sha256)).isEqualTo(BY_DIGEST);
    assertThat(format.lastingPath(BY_DIGEST, sha256)).isNull();
    assertThat(format.lastingPath(BLOB, sha256)).isNull();
    assertThat(format.lastingPath("v2/a/tags/list", sha256)).isNull();
  }
}
