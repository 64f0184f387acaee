package dev.millrace.format;

import static dev.millrace.format.JsonIndex.text;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.LinkedFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Terraform and OpenTofu registries ("Provider Registry Protocol"): which versions there are
 * changes; where one is downloaded, and the archives themselves, do not.
 */
final class TerraformFormat implements Format {
  private static final IndexReader PACKAGE = JsonIndex.ofDocument(new Download());
  private static final List<String> LINKS = List.of("shasums_url", "shasums_signature_url");
  private static final List<String> FILES = List.of(".zip", "_SHA256SUMS", ".sig");

  @Override
  public String name() {
    return "terraform";
  }

  @Override
  public ContentClass classify(String path) {
    if (PathNames.isListing(path)) {
      return ContentClass.PASS_THROUGH;
    }
    boolean lasts =
        isPackage(path)
            || LinkedFile.parse(path) != null
            || PathNames.endsInOneOf(PathNames.fileName(path), FILES);
    return lasts ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
  }

  /** {@code …/VERSION/download/OS/ARCH}. */
  private static boolean isPackage(String path) {
    String os = PathNames.folder(path);
    return PathNames.fileName(PathNames.folder(os)).equals("download");
  }

  @Override
  public boolean isIndex(String path) {
    return isPackage(path) && LinkedFile.parse(path) == null;
  }

  @Override
  public @Nullable IndexReader index(String path, String contentType) {
    return isIndex(path) && contentType.contains("json") ? PACKAGE : null;
  }

  @Override
  public boolean linksElsewhere() {
    return true;
  }

  @Override
  public boolean promisesFiles() {
    return true;
  }

  /** The one object that says where a provider's archive is. */
  private static final class Download implements JsonIndex.Entries {
    @Override
    public boolean isEntry(List<String> path) {
      return path.isEmpty();
    }

    @Override
    public void edit(ObjectNode entry, Links links) {
      String archive = text(entry, "download_url");
      if (archive != null) {
        List<Digest> promised = new ArrayList<>();
        DigestText.add(promised, DigestText.hex(DigestAlgorithm.SHA_256, text(entry, "shasum")));
        entry.put("download_url", links.lead(archive, promised));
      }
      for (String link : LINKS) {
        String url = text(entry, link);
        if (url != null) {
          entry.put(link, links.lead(url, List.of()));
        }
      }
    }
  }
}
