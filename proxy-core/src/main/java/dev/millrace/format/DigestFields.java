package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Digests of a whole body in response fields: {@code Repr-Digest} (RFC 9530), {@code
 * X-Checksum-Sha256}, {@code X-Amz-Checksum-Sha256} and {@code X-Goog-Hash}. A value that is
 * malformed, or of a part (the object stores mark those with {@code -N}), promises nothing.
 */
final class DigestFields {
  /**
   * One member of a structured dictionary (RFC 8941 §3.2), a byte sequence: {@code
   * sha-256=:base64:}.
   */
  private static final Pattern MEMBER =
      Pattern.compile(
          "([a-z*][a-z0-9_.*-]{0,31})=:([A-Za-z0-9+/=]{0,256}):(?:;[^,;\"]{0,64}){0,4}+");

  private static final Pattern SEPARATOR = Pattern.compile("[ \\t]*+,[ \\t]*+");

  private static final Pattern GOOG_MD5 =
      Pattern.compile("(?:^|,)[ \\t]*md5=([A-Za-z0-9+/]{22}==)[ \\t]*(?:,|$)");

  private DigestFields() {}

  /** All that the fields promise, each algorithm once: the first field is the strictest. */
  static List<Digest> read(Fields fields) {
    List<Digest> found = new ArrayList<>();
    Map<String, String> members = dictionary(fields.joined("Repr-Digest"));
    DigestText.add(found, DigestText.base64(DigestAlgorithm.SHA_256, members.get("sha-256")));
    DigestText.add(found, DigestText.base64(DigestAlgorithm.SHA_512, members.get("sha-512")));
    DigestText.add(
        found, DigestText.hex(DigestAlgorithm.SHA_256, fields.joined("X-Checksum-Sha256")));
    DigestText.add(
        found, DigestText.base64(DigestAlgorithm.SHA_256, fields.joined("X-Amz-Checksum-Sha256")));
    String goog = isUnpacked(fields) ? null : fields.joined("X-Goog-Hash");
    if (goog != null) {
      Matcher md5 = GOOG_MD5.matcher(goog);
      if (md5.find()) {
        DigestText.add(found, DigestText.base64(DigestAlgorithm.MD5, md5.group(1)));
      }
    }
    return found;
  }

  /** Whether the store unpacked the body on its way out: then its hash is of other bytes. */
  private static boolean isUnpacked(Fields fields) {
    String stored = fields.joined("X-Goog-Stored-Content-Encoding");
    return stored != null
        && !stored.equals("identity")
        && !stored.equals(fields.joined("Content-Encoding"));
  }

  /**
   * The members by key, the last of equal ones; none at all when any is malformed (RFC 8941 §4.2).
   */
  private static Map<String, String> dictionary(@Nullable String value) {
    if (value == null) {
      return Map.of();
    }
    String text = value.strip();
    Map<String, String> members = new HashMap<>();
    Matcher member = MEMBER.matcher(text);
    Matcher separator = SEPARATOR.matcher(text);
    int at = 0;
    while (member.region(at, text.length()).lookingAt()) {
      members.put(member.group(1), member.group(2));
      if (member.end() == text.length()) {
        return members;
      }
      if (!separator.region(member.end(), text.length()).lookingAt()) {
        return Map.of();
      }
      at = separator.end();
    }
    return Map.of();
  }
}
