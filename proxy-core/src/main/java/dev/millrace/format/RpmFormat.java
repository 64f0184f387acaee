package dev.millrace.format;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RPM repositories as {@code createrepo_c} makes them: packages and metadata whose name begins with
 * its digest never change, and the digest proves it; {@code repomd.xml} and metadata of other names
 * do.
 */
final class RpmFormat implements Format {
  private static final List<String> PACKAGES = List.of(".rpm", ".drpm");

  @Override
  public String name() {
    return "rpm";
  }

  @Override
  public ContentClass classify(String path) {
    if (PathNames.isListing(path)) {
      return ContentClass.PASS_THROUGH;
    }
    boolean lasts =
        digest(path) != null || PathNames.endsInOneOf(PathNames.fileName(path), PACKAGES);
    return lasts ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
  }

  @Override
  public List<Digest> promisedDigests(String path, Fields fields) {
    Digest digest = digest(path);
    return digest == null ? DigestFields.read(fields) : List.of(digest);
  }

  /** Of {@code repodata/<digest>-primary.xml.gz} and its like; null of any other. */
  private static @Nullable Digest digest(String path) {
    String name = PathNames.fileName(path);
    int dash = name.indexOf('-');
    boolean metadata = PathNames.fileName(PathNames.folder(path)).equals("repodata");
    return metadata && dash > 0
        ? PathNames.digest(
            name.substring(0, dash),
            DigestAlgorithm.SHA_256,
            DigestAlgorithm.SHA_512,
            DigestAlgorithm.SHA_1)
        : null;
  }
}
