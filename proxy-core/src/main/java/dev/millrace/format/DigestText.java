package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Digests as fields and indexes spell them. What is malformed promises nothing. */
final class DigestText {
  private DigestText() {}

  /** Hexadecimal of either case; null when it is not that, or not given. */
  static @Nullable Digest hex(DigestAlgorithm algorithm, @Nullable String value) {
    if (value == null) {
      return null;
    }
    try {
      return new Digest(algorithm, value.strip().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Base64; null when it is not that, or not given. */
  static @Nullable Digest base64(DigestAlgorithm algorithm, @Nullable String value) {
    if (value == null) {
      return null;
    }
    try {
      return Digest.of(algorithm, Base64.getDecoder().decode(value.strip()));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The algorithm of that name, with or without a hyphen; null of one that is not known. */
  static @Nullable DigestAlgorithm algorithm(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "sha256", "sha-256" -> DigestAlgorithm.SHA_256;
      case "sha512", "sha-512" -> DigestAlgorithm.SHA_512;
      case "sha1", "sha-1" -> DigestAlgorithm.SHA_1;
      case "md5" -> DigestAlgorithm.MD5;
      default -> null;
    };
  }

  /** {@code name=hex}; null of anything else. */
  static @Nullable Digest assignment(@Nullable String text) {
    int equals = text == null ? -1 : text.indexOf('=');
    DigestAlgorithm algorithm =
        text == null || equals < 0 ? null : algorithm(text.substring(0, equals));
    return text == null || algorithm == null ? null : hex(algorithm, text.substring(equals + 1));
  }

  /** The hashes of an integrity attribute (W3C Subresource Integrity §3.5). */
  static List<Digest> integrity(@Nullable String text) {
    List<Digest> found = new ArrayList<>();
    for (String hash : text == null ? new String[0] : text.split(" ", -1)) {
      int dash = hash.indexOf('-');
      DigestAlgorithm algorithm = dash < 0 ? null : algorithm(hash.substring(0, dash));
      int options = hash.indexOf('?');
      String value = hash.substring(dash + 1, options < 0 ? hash.length() : options);
      add(found, algorithm == null ? null : base64(algorithm, value));
    }
    return found;
  }

  /** Adds a digest, unless there is none, or one of its algorithm already. */
  static void add(List<Digest> found, @Nullable Digest digest) {
    if (digest != null
        && found.stream().noneMatch(earlier -> earlier.algorithm() == digest.algorithm())) {
      found.add(digest);
    }
  }
}
