package dev.millrace.format;

import static dev.millrace.format.JsonIndex.text;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.LinkedFile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * npm registries ("package metadata" and "registry API" of the npm registry's documentation):
 * tarballs never change, what is said of a package does. Other services of the registry, below
 * {@code -/}, are relayed.
 *
 * <p>A package's document is full or, for clients that install, abbreviated; {@code Accept}
 * chooses.
 */
final class NpmFormat implements Format {
  private static final String ABBREVIATED = "application/vnd.npm.install-v1+json";
  private static final Choice INSTALL =
      new Choice(List.of(ABBREVIATED + "; q=1.0, application/json; q=0.8, */*"), "abbreviated");
  private static final Choice FULL = new Choice(List.of("application/json"), "");
  private static final IndexReader DOCUMENT = JsonIndex.ofEntries(new Distributions());

  @Override
  public String name() {
    return "npm";
  }

  @Override
  public ContentClass classify(String path) {
    boolean tarball = path.contains("/-/") && path.endsWith(".tgz");
    if (tarball || LinkedFile.parse(path) != null) {
      return ContentClass.IMMUTABLE;
    }
    boolean tags = path.startsWith("-/package/");
    return path.isEmpty() || (path.startsWith("-/") && !tags)
        ? ContentClass.PASS_THROUGH
        : ContentClass.MUTABLE;
  }

  @Override
  public Choice choose(String path, Supplier<List<String>> accept) {
    if (!isIndex(path)) {
      return Choice.NONE;
    }
    return accept.get().stream().anyMatch(line -> line.contains(ABBREVIATED)) ? INSTALL : FULL;
  }

  @Override
  public boolean isIndex(String path) {
    return classify(path) == ContentClass.MUTABLE && !path.startsWith("-/");
  }

  @Override
  public @Nullable IndexReader index(String path, String contentType) {
    return isIndex(path) && contentType.contains("json") ? DOCUMENT : null;
  }

  @Override
  public boolean linksElsewhere() {
    return true;
  }

  @Override
  public boolean promisesFiles() {
    return true;
  }

  /** Publishers write the links: of another package's file they may say what they like. */
  @Override
  public boolean mayPromise(String index, String name) {
    String document = PathNames.decoded(index);
    int scope = document.startsWith("@") ? document.indexOf('/') + 1 : 0;
    int version = document.indexOf('/', scope);
    String own = (version < 0 ? document : document.substring(0, version)) + "/";
    return LinkedFile.parse(name) != null || name.startsWith(own) || name.contains("/" + own);
  }

  /** The {@code dist} of each version. */
  private static final class Distributions implements JsonIndex.Entries {
    private static final String DIST = "dist";

    @Override
    public boolean isEntry(List<String> path) {
      return switch (path.size()) {
        case 1 -> path.getFirst().equals(DIST);
        case 3 -> path.getLast().equals(DIST) && path.getFirst().equals("versions");
        default -> false;
      };
    }

    @Override
    public void edit(ObjectNode dist, Links links) {
      String tarball = text(dist, "tarball");
      if (tarball != null) {
        List<Digest> promised = new ArrayList<>(DigestText.integrity(text(dist, "integrity")));
        DigestText.add(promised, DigestText.hex(DigestAlgorithm.SHA_1, text(dist, "shasum")));
        dist.put("tarball", links.lead(tarball, promised));
      }
    }
  }
}
