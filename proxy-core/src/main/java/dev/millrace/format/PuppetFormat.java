package dev.millrace.format;

import static dev.millrace.format.JsonIndex.text;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puppet forges ("Puppet Forge API v3"): archives of modules never change, what is said of modules
 * and their releases does.
 */
final class PuppetFormat implements Format {
  private static final String ARCHIVE = ".tar.gz";
  private static final IndexReader DOCUMENT = JsonIndex.ofDocument(new Releases());

  @Override
  public String name() {
    return "puppet";
  }

  @Override
  public ContentClass classify(String path) {
    if (path.endsWith(ARCHIVE)) {
      return ContentClass.IMMUTABLE;
    }
    return PathNames.isListing(path) ? ContentClass.PASS_THROUGH : ContentClass.MUTABLE;
  }

  @Override
  public boolean isIndex(String path) {
    return classify(path) == ContentClass.MUTABLE
        && (path.contains("v3/modules") || path.contains("v3/releases"));
  }

  @Override
  public @Nullable IndexReader index(String path, String contentType) {
    return isIndex(path) && contentType.contains("json") ? DOCUMENT : null;
  }

  /** Clients put the forge's address before it. */
  @Override
  public boolean rootIsBase() {
    return true;
  }

  @Override
  public boolean promisesFiles() {
    return true;
  }

  /** A release, wherever one stands: alone, in a module, or in a page of either. */
  private static final class Releases implements JsonIndex.Entries {
    private static final Set<String> LISTS = Set.of("results", "releases");

    @Override
    public boolean isEntry(List<String> path) {
      // The whole of it: what stands around the releases is small.
      return path.isEmpty();
    }

    @Override
    public void edit(ObjectNode entry, Links links) {
      release(entry, links);
      if (entry.get("current_release") instanceof ObjectNode current) {
        release(current, links);
      }
      for (String list : LISTS) {
        if (entry.has(list)) {
          entry
              .get(list)
              .forEach(each -> {
                if (each instanceof ObjectNode nested) {
                  edit(nested, links);
                }
              });
        }
      }
    }

    private static void release(ObjectNode release, Links links) {
      String file = text(release, "file_uri");
      if (file != null) {
        List<Digest> promised = new ArrayList<>();
        DigestText.add(
            promised, DigestText.hex(DigestAlgorithm.SHA_256, text(release, "file_sha256")));
        DigestText.add(promised, DigestText.hex(DigestAlgorithm.MD5, text(release, "file_md5")));
        release.put("file_uri", links.lead(file, promised));
      }
    }
  }
}
