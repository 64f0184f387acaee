package dev.millrace.format;

import static dev.millrace.format.JsonIndex.text;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.LinkedFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Python package indexes (PyPA "Simple repository API": PEP 503, 629, 658, 691, 714): files never
 * change, lists of them do. A list is HTML or JSON; {@code Accept} chooses.
 */
final class PypiFormat implements Format {
  private static final List<String> FILES =
      List.of(
          ".whl",
          ".tar.gz",
          ".tar.bz2",
          ".tar.xz",
          ".tgz",
          ".zip",
          ".egg",
          ".exe",
          ".msi",
          ".rpm",
          ".deb",
          ".dmg",
          ".metadata",
          ".asc",
          ".provenance");

  private static final String JSON = "application/vnd.pypi.simple.v1+json";
  private static final Choice AS_JSON =
      new Choice(
          List.of(JSON + ", application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1"), "json");
  private static final Choice AS_HTML =
      new Choice(List.of("application/vnd.pypi.simple.v1+html, text/html; q=0.5"), "");

  private static final IndexReader HTML_LIST = new SimpleHtmlIndex();
  private static final IndexReader JSON_LIST =
      JsonIndex.ofEntries(new Files(Set.of(List.of("files", JsonIndex.ELEMENT))));
  private static final IndexReader PROJECT =
      JsonIndex.ofEntries(new Files(Set.of(List.of("urls", JsonIndex.ELEMENT))));

  @Override
  public String name() {
    return "pypi";
  }

  @Override
  public ContentClass classify(String path) {
    boolean file = LinkedFile.parse(path) != null || PathNames.endsInOneOf(path, FILES);
    return file ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
  }

  @Override
  public Choice choose(String path, Supplier<List<String>> accept) {
    if (!isIndex(path) || isProject(path)) {
      return Choice.NONE;
    }
    return accept.get().stream().anyMatch(line -> line.contains(JSON)) ? AS_JSON : AS_HTML;
  }

  @Override
  public boolean isIndex(String path) {
    return classify(path) == ContentClass.MUTABLE;
  }

  /** The older JSON of a project, {@code pypi/NAME/json}. */
  private static boolean isProject(String path) {
    return path.endsWith("/json");
  }

  @Override
  public @Nullable IndexReader index(String path, String contentType) {
    if (!isIndex(path)) {
      return null;
    }
    if (contentType.contains("json")) {
      return isProject(path) ? PROJECT : JSON_LIST;
    }
    return contentType.contains("html") ? HTML_LIST : null;
  }

  /** Clients leave the slash out, and are redirected to it. */
  @Override
  public String linkBase(String path) {
    return path.isEmpty() || path.endsWith("/") || isProject(path) ? path : path + "/";
  }

  @Override
  public boolean linksElsewhere() {
    return true;
  }

  @Override
  public Set<String> fileHosts() {
    return Set.of("files.pythonhosted.org");
  }

  @Override
  public boolean promisesFiles() {
    return true;
  }

  /** Objects with {@code url} and {@code hashes}, or {@code digests} in the older form. */
  private record Files(Set<List<String>> at) implements JsonIndex.Entries {
    @Override
    public boolean isEntry(List<String> path) {
      return at.contains(path)
          || (path.size() == 3
              && path.getFirst().equals("releases")
              && path.getLast().equals(JsonIndex.ELEMENT));
    }

    @Override
    public void edit(ObjectNode file, Links links) {
      String url = text(file, "url");
      if (url == null) {
        return;
      }
      JsonNode metadata =
          file.has("core-metadata") ? file.get("core-metadata") : file.get("dist-info-metadata");
      if (metadata != null && !metadata.isNull() && url.indexOf('?') < 0) {
        // The link itself is made by clients, from the file's.
        links.lead(SimpleHtmlIndex.metadata(url), digests(metadata));
      }
      List<Digest> promised = digests(file.get("hashes"));
      promised.addAll(digests(file.get("digests")));
      file.put("url", links.lead(url, promised));
    }

    private static List<Digest> digests(@Nullable JsonNode hashes) {
      List<Digest> found = new ArrayList<>();
      if (hashes instanceof ObjectNode object) {
        for (Map.Entry<String, JsonNode> hash : object.properties()) {
          DigestAlgorithm algorithm = DigestText.algorithm(hash.getKey());
          boolean known = algorithm != null && hash.getValue().isString();
          DigestText.add(
              found,
              known && algorithm != null
                  ? DigestText.hex(algorithm, hash.getValue().stringValue())
                  : null);
        }
      }
      return found;
    }
  }
}
