package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the formats of file trees look for in a path. Threading: stateless. */
final class PathNames {
  private PathNames() {}

  /** Whether it names a folder, so a listing that the upstream makes up. */
  static boolean isListing(String path) {
    return path.isEmpty() || path.endsWith("/");
  }

  /** The last segment. */
  static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The folder above the last segment, without a slash at its end; empty for none. */
  static String folder(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  /** Whether the name ends in one of those. */
  static boolean endsInOneOf(String name, List<String> endings) {
    return endings.stream().anyMatch(name::endsWith);
  }

  /** A raw path with its escapes resolved; as it is where they are none. */
  static String decoded(String path) {
    if (path.indexOf('%') < 0) {
      return path;
    }
    try {
      // A plus sign stands for itself in a path.
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return path;
    }
  }

  /** The digest of that value, whichever of these algorithms has values of its length; or null. */
  static @Nullable Digest digest(String hex, DigestAlgorithm... algorithms) {
    for (DigestAlgorithm algorithm : algorithms) {
      if (Digest.isHex(algorithm, hex)) {
        return new Digest(algorithm, hex);
      }
    }
    return null;
  }
}
