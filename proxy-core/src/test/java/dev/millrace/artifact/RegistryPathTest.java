package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.RegistryPath.Kind;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths of the OCI distribution specification 1.1, and what only looks like them. */
final class RegistryPathTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  private static RegistryPath parse(String path) {
    return Objects.requireNonNull(RegistryPath.parse(path), path);
  }

  @ParameterizedTest
  @CsvSource({
    "a/manifests/latest, a, MANIFEST, latest",
    "library/alpine/manifests/3.20_x-Y.z, library/alpine, MANIFEST, 3.20_x-Y.z",
    "a/b/c/d__e/f-g/tags/list, a/b/c/d__e/f-g, TAGS, list",
    "manifests/manifests/manifests, manifests, MANIFEST, manifests",
    "a/tags/manifests/list, a/tags, MANIFEST, list",
    "a/manifests/_, a, MANIFEST, _",
  })
  void pathOfARegistry_isRead(String path, String name, Kind kind, String reference) {
    RegistryPath read = parse(path);
    assertThat(read).isEqualTo(new RegistryPath(name, kind, reference));
    assertThat(read.isByDigest()).isFalse();
    assertThat(read.digest()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"blobs", "manifests", "referrers"})
  void digest_isRead(String kind) {
    RegistryPath read = parse("a/b/" + kind + "/sha256:" + HEX);
    assertThat(read.isByDigest()).isTrue();
    assertThat(read.digest()).isEqualTo(Digest.sha256(HEX));
  }

  /** Trap OC06. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256:abc",
        "sha256:../../x",
        "SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
        "sha256:gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg",
        "md5:0123456789abcdef0123456789abcdef",
        "sha1:0123456789abcdef0123456789abcdef01234567",
        "blake3:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ":",
      })
  void whatOnlyLooksLikeADigest_isNone(String reference) {
    assertThat(RegistryPath.digest(reference)).isNull();
    assertThat(RegistryPath.parse("a/blobs/" + reference)).isNull();
    assertThat(RegistryPath.parse("a/manifests/" + reference)).isNull();
  }

  @Test
  void longerDigest_isReadToo() {
    assertThat(RegistryPath.digest("sha512:" + HEX + HEX))
        .isEqualTo(new Digest(DigestAlgorithm.SHA_512, HEX + HEX));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "manifests/latest",
        "/manifests/latest",
        "a/manifests/",
        "a//manifests/latest",
        "A/manifests/latest",
        "a/manifests/.hidden",
        "a/manifests/-x",
        "a/manifests/la%74est",
        "a..b/manifests/x",
        "a/blobs/latest",
        "a/blobs/uploads/",
        "a/blobs/sha256:short",
        "a/tags/lists",
        "a/referrers/latest",
        "a/unknown/latest",
        "_catalog",
      })
  void anythingElse_isNone(String path) {
    assertThat(RegistryPath.parse(path)).isNull();
  }

  @Test
  void lengths_areLimited() {
    assertThat(RegistryPath.parse("a".repeat(255) + "/manifests/" + "b".repeat(128))).isNotNull();
    assertThat(RegistryPath.parse("a".repeat(256) + "/manifests/b")).isNull();
    assertThat(RegistryPath.parse("a/manifests/" + "b".repeat(129))).isNull();
  }
}
