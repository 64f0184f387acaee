package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Digests of a whole body in response fields: {@code Repr-Digest} (RFC 9530), {@code X-Checksum-Sha256},
 * {@code X-Amz-Checksum-Sha256} and {@code X-Goog-Hash}. A value that is malformed, or of a part (the
 * object stores mark those with {@code -N}), promises nothing.
 */
final class DigestFields {
  /** One member of a structured dictionary: {@code sha-256=:base64:}. */
  private static final Pattern REPR_MEMBER =
      Pattern.compile("(?:^|,)[ \\t]*([a-z0-9-]{1,16})=:([A-Za-z0-9+/=]{1,128}):");

  private static final Pattern GOOG_MD5 =
      Pattern.compile("(?:^|,)[ \\t]*md5=([A-Za-z0-9+/]{22}==)");

  private DigestFields() {}

  /** All that the fields promise, each algorithm once. */
  static List<Digest> read(Fields fields) {
    List<Digest> found = new ArrayList<>();
    reprDigest(fields.first("Repr-Digest"), found);
    add(found, hex(DigestAlgorithm.SHA_256, fields.first("X-Checksum-Sha256")));
    add(found, base64(DigestAlgorithm.SHA_256, fields.first("X-Amz-Checksum-Sha256")));
    String goog = fields.first("X-Goog-Hash");
    if (goog != null) {
      Matcher md5 = GOOG_MD5.matcher(goog);
      if (md5.find()) {
        add(found, base64(DigestAlgorithm.MD5, md5.group(1)));
      }
    }
    return found;
  }

  private static void reprDigest(@Nullable String value, List<Digest> found) {
    if (value == null) {
      return;
    }
    Matcher member = REPR_MEMBER.matcher(value);
    while (member.find()) {
      switch (member.group(1)) {
        case "sha-256" -> add(found, base64(DigestAlgorithm.SHA_256, member.group(2)));
        case "sha-512" -> add(found, base64(DigestAlgorithm.SHA_512, member.group(2)));
        default -> {
          // Another algorithm of the registry: nothing that we compute.
        }
      }
    }
  }

  /** Adds a digest, unless one of its algorithm is there: the first field is the strictest. */
  private static void add(List<Digest> found, @Nullable Digest digest) {
    if (digest != null
        && found.stream().noneMatch(earlier -> earlier.algorithm() == digest.algorithm())) {
      found.add(digest);
    }
  }

  private static @Nullable Digest hex(DigestAlgorithm algorithm, @Nullable String value) {
    if (value == null) {
      return null;
    }
    try {
      return new Digest(algorithm, value.strip().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable Digest base64(DigestAlgorithm algorithm, @Nullable String value) {
    if (value == null) {
      return null;
    }
    try {
      return Digest.of(algorithm, Base64.getDecoder().decode(value.strip()));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
