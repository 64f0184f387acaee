package dev.millrace.bench.rig;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The digests that were computed beforehand, and the bodies that they name.
 *
 * <p>Threading: thread-safe.
 */
final class OriginDigests {
  private final BaseBody base;
  private final Map<String, byte[]> digests = new ConcurrentHashMap<>();
  private final Map<String, String> paths = new ConcurrentHashMap<>();

  OriginDigests(BaseBody base) {
    this.base = base;
  }

  /** Computes the SHA-256 of that path's body, in hex, and remembers it. */
  String prepare(String path) {
    byte[] digest = digests.computeIfAbsent(path, asked -> base.sha256(BodySpec.parse(asked)));
    String hex = HexFormat.of().formatHex(digest);
    paths.put(hex, path);
    return hex;
  }

  /** The {@code Repr-Digest} of that path's body; null when it was not prepared. */
  @Nullable String field(String path) {
    byte[] digest = digests.get(path);
    return digest == null ? null : "sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
  }

  /** The path of the body with that SHA-256; null when none was prepared. */
  @Nullable String path(String hex) {
    return paths.get(hex);
  }
}
