package dev.millrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only whole, well-formed digests of the whole body are promises. In the tables S is a SHA-256. */
final class DigestFieldsTest {
  private static final Digest SHA256 = filled(DigestAlgorithm.SHA_256, 1);
  private static final Digest OTHER256 = filled(DigestAlgorithm.SHA_256, 2);
  private static final Digest SHA512 = filled(DigestAlgorithm.SHA_512, 3);
  private static final Digest MD5 = filled(DigestAlgorithm.MD5, 4);

  private static Digest filled(DigestAlgorithm algorithm, int value) {
    byte[] bytes = new byte[algorithm.sizeBytes()];
    Arrays.fill(bytes, (byte) value);
    return Digest.of(algorithm, bytes);
  }

  /** The lines of a head, each {@code name: value}. */
  private static List<Digest> read(String... lines) {
    return new GenericFormat()
        .promisedDigests(
            "x",
            name ->
                Stream.of(lines)
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .toList());
  }

  private static String expand(String value) {
    return value.replace("S", SHA256.base64());
  }

  @Test
  void head_withoutDigests_promisesNothing() {
    assertThat(read()).isEmpty();
    assertThat(read("Content-Type: text/plain", "ETag: \"a\"", "Content-MD5: x")).isEmpty();
  }

  @Test
  void eachField_promisesItsDigest() {
    assertThat(read("Repr-Digest: sha-256=:" + SHA256.base64() + ":")).containsExactly(SHA256);
    assertThat(read("Repr-Digest: sha-512=:" + SHA512.base64() + ":")).containsExactly(SHA512);
    assertThat(read("X-Checksum-Sha256: " + SHA256.hex())).containsExactly(SHA256);
    assertThat(read("X-Checksum-Sha256: " + " " + SHA256.hex().toUpperCase(Locale.ROOT)))
        .containsExactly(SHA256);
    assertThat(read("X-Amz-Checksum-Sha256: " + SHA256.base64())).containsExactly(SHA256);
    assertThat(read("X-Goog-Hash: md5=" + MD5.base64())).containsExactly(MD5);
  }

  @Test
  void severalFields_promiseEachAlgorithmOnce_theFirstFieldFirst() {
    assertThat(
            read(
                "X-Goog-Hash: crc32c=AAAAAA==,md5=" + MD5.base64(),
                "X-Amz-Checksum-Sha256: " + OTHER256.base64(),
                "X-Checksum-Sha256: " + OTHER256.hex(),
                "Repr-Digest: sha-512=:"
                    + SHA512.base64()
                    + ":, sha-256=:"
                    + SHA256.base64()
                    + ":"))
        .containsExactlyInAnyOrder(SHA256, SHA512, MD5);
  }

  /** One store sends its two hashes in two lines. */
  @Test
  void linesOfOneField_areRead_likeOneLine() {
    assertThat(read("X-Goog-Hash: crc32c=AAAAAA==", "X-Goog-Hash: md5=" + MD5.base64()))
        .containsExactly(MD5);
    assertThat(
            read(
                "Repr-Digest: sha-512=:" + SHA512.base64() + ":",
                "Repr-Digest: sha-256=:" + SHA256.base64() + ":"))
        .containsExactlyInAnyOrder(SHA256, SHA512);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha-256=:S:",
        " sha-256=:S: ",
        "sha-256=:S:;p=1",
        "sha-256=:S:;p=1;q",
        "md5=:AAAAAAAAAAAAAAAAAAAAAA==:, sha-256=:S:",
        "sha-256=:S:,unixsum=:AAA=:",
        "sha-256=:S:\t,\tsha=:AA==:",
        "sha-256=:AA==:, sha-256=:S:",
        "*x=:AA==:, sha-256=:S:"
      })
  void dictionary_isReadAsTheRfcSays(String value) {
    assertThat(read("Repr-Digest: " + expand(value))).containsExactly(SHA256);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha-256",
        "sha-256=",
        "sha-256=S",
        "sha-256=:S",
        "sha-256=S:",
        "sha-256=::",
        "sha-256=: S:",
        "sha-256 =:S:",
        "SHA-256=:S:",
        "sha256=:S:",
        "x sha-256=:S:",
        "sha-256=:S:x",
        "sha-256=:S: x",
        "sha-256=:S:,",
        ",sha-256=:S:",
        "sha-256=:S:,,sha=:AA==:",
        "sha-256=:S:, \"",
        "x=\"a,sha-256=:S:\"",
        "sha-256=:S:, sha-256=:AA==:",
        "sha-256=:AAAA:",
        "sha-512=:S:",
        "sha-256=:S-5:",
        "sha-256=:=S:",
        "sha-256=:SS:"
      })
  void malformedDictionary_promisesNothing(String value) {
    assertThat(read("Repr-Digest: " + expand(value))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "X-Checksum-Sha256, S",
    "X-Checksum-Sha256, ''",
    "X-Checksum-Sha256, 01",
    "X-Checksum-Sha256, H0",
    "X-Checksum-Sha256, 'H, H'",
    "X-Checksum-Sha256, H-2",
    "X-Checksum-Sha256, sha256:H",
    "X-Amz-Checksum-Sha256, S-5",
    "X-Amz-Checksum-Sha256, S-10000",
    "X-Amz-Checksum-Sha256, ''",
    "X-Amz-Checksum-Sha256, AAAA",
    "X-Amz-Checksum-Sha256, H",
    "X-Amz-Checksum-Sha256, 'S, S'",
    "X-Goog-Hash, ''",
    "X-Goog-Hash, crc32c=AAAAAA==",
    "X-Goog-Hash, md5=",
    "X-Goog-Hash, md5=AAAA",
    "X-Goog-Hash, md5=M-2",
    "X-Goog-Hash, md5=Mx",
    "X-Goog-Hash, xmd5=M",
    "X-Goog-Hash, sha256=S"
  })
  void malformedValue_orOneOfAPart_promisesNothing(String name, String value) {
    String expanded =
        value.replace("H", SHA256.hex()).replace("S", SHA256.base64()).replace("M", MD5.base64());
    assertThat(read(name + ": " + expanded)).isEmpty();
  }

  /** The store unpacks for clients that do not take the coding; its hash is of what it keeps. */
  @Test
  void hashOfPackedBytes_isNoPromiseForUnpackedOnes() {
    String hash = "X-Goog-Hash: md5=" + MD5.base64();

    assertThat(read(hash, "X-Goog-Stored-Content-Encoding: gzip")).isEmpty();
    assertThat(read(hash, "X-Goog-Stored-Content-Encoding: gzip", "Content-Encoding: gzip"))
        .containsExactly(MD5);
    assertThat(read(hash, "X-Goog-Stored-Content-Encoding: identity")).containsExactly(MD5);
  }

  @Test
  void longField_neitherOverflowsNorStalls() {
    String member = "a=:" + Base64.getEncoder().encodeToString(new byte[12]) + ":";

    assertThat(read("Repr-Digest: " + (member + ", ").repeat(5000) + expand("sha-256=:S:")))
        .containsExactly(SHA256);
    assertThat(read("Repr-Digest: " + "a".repeat(100_000))).isEmpty();
    assertThat(read("Repr-Digest: " + " ".repeat(100_000) + "x")).isEmpty();
    assertThat(read("X-Goog-Hash: " + ", ".repeat(50_000))).isEmpty();
  }
}
