package dev.millrace.artifact;

import java.util.Base64;
import java.util.HexFormat;

/**
 * The value of a hash function over a whole body.
 *
 * @param algorithm the hash function
 * @param hex the value in lower-case hexadecimal, of the algorithm's length
 */
public record Digest(DigestAlgorithm algorithm, String hex) {
  private static final HexFormat HEX = HexFormat.of();

  /** Checks the length and the alphabet, since the value becomes a file name. */
  public Digest {
    if (!isHex(algorithm, hex)) {
      throw new IllegalArgumentException(
          algorithm.label()
              + " digest is not "
              + algorithm.sizeBytes()
              + " bytes in lower-case hex");
    }
  }

  /** Whether that is a value of the algorithm as this class spells it. */
  public static boolean isHex(DigestAlgorithm algorithm, String hex) {
    if (hex.length() != 2 * algorithm.sizeBytes()) {
      return false;
    }
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  /** The SHA-256 digest with this lower-case hexadecimal value. */
  public static Digest sha256(String hex) {
    return new Digest(DigestAlgorithm.SHA_256, hex);
  }

  /** The digest with these raw bytes. */
  public static Digest of(DigestAlgorithm algorithm, byte[] value) {
    return new Digest(algorithm, HEX.formatHex(value));
  }

  /** The raw bytes in Base64, as {@code Repr-Digest} carries them (RFC 9530 §3). */
  public String base64() {
    return Base64.getEncoder().encodeToString(HEX.parseHex(hex));
  }

  /** {@code sha256:<hex>}, the spelling of the OCI specification. */
  @Override
  public String toString() {
    return algorithm.label() + ":" + hex;
  }
}
