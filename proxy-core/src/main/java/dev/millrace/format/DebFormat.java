package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Debian archives (Debian repository format, "Acquire-By-Hash"): the pool and what is asked for by
 * its hash never change, and the hash proves it; the rest, indexes above all, does.
 */
final class DebFormat implements Format {
  private static final List<String> PACKAGES =
      List.of(".deb", ".udeb", ".ddeb", ".dsc", ".tar.gz", ".tar.xz", ".tar.bz2", ".diff.gz");

  @Override
  public String name() {
    return "deb";
  }

  @Override
  public ContentClass classify(String path) {
    if (PathNames.isListing(path)) {
      return ContentClass.PASS_THROUGH;
    }
    boolean lasts =
        isBelow(path, "pool")
            || hash(path) != null
            || PathNames.endsInOneOf(PathNames.fileName(path), PACKAGES);
    return lasts ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
  }

  @Override
  public List<Digest> promisedDigests(String path, Fields fields) {
    Digest hash = hash(path);
    return hash == null ? DigestFields.read(fields) : List.of(hash);
  }

  private static boolean isBelow(String path, String folder) {
    return path.startsWith(folder + "/") || path.contains("/" + folder + "/");
  }

  /** Of {@code …/by-hash/SHA256/<hex>} and its like; null of any other. */
  private static @Nullable Digest hash(String path) {
    String folder = PathNames.folder(path);
    if (!PathNames.fileName(PathNames.folder(folder)).equals("by-hash")) {
      return null;
    }
    String hex = PathNames.fileName(path);
    return switch (PathNames.fileName(folder)) {
      case "SHA256" -> PathNames.digest(hex, DigestAlgorithm.SHA_256);
      case "SHA512" -> PathNames.digest(hex, DigestAlgorithm.SHA_512);
      case "SHA1" -> PathNames.digest(hex, DigestAlgorithm.SHA_1);
      case "MD5Sum" -> PathNames.digest(hex, DigestAlgorithm.MD5);
      default -> null;
    };
  }
}
