package dev.millrace.format;

import static dev.millrace.format.JsonIndex.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Pattern;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.LinkedFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Cargo's sparse registries (The Cargo Book, "Registry Index"): crates never change; {@code
 * config.json} says where they are, and the file of each crate what its versions are and hash to.
 *
 * <p>A crate is promised by the name of its file, since the index does not say its path.
 */
final class CargoFormat implements Format {
  private static final int LINE_BYTES_MAX = 1 << 20;

  /** The files of an index ("Index files"): by the length of the crate's name. */
  private static final Pattern INDEX =
      Pattern.compile(
          "config\\.json|1/[^/.]|2/[^/.]{2}|3/[^/.]/[^/.]{3}|[^/.]{2}/[^/.]{2}/[^/.]{4,}");

  private static final String CONFIG = "config.json";
  private static final String CRATE = ".crate";
  private static final String DOWNLOAD = "/download";
  private static final IndexReader CONFIG_READER = JsonIndex.ofDocument(new Config());

  @Override
  public String name() {
    return "cargo";
  }

  @Override
  public ContentClass classify(String path) {
    if (INDEX.matches(path)) {
      return ContentClass.MUTABLE;
    }
    boolean file =
        LinkedFile.parse(path) != null || path.endsWith(CRATE) || path.endsWith(DOWNLOAD);
    return file ? ContentClass.IMMUTABLE : ContentClass.PASS_THROUGH;
  }

  @Override
  public boolean isIndex(String path) {
    return INDEX.matches(path);
  }

  @Override
  public @Nullable IndexReader index(String path, String contentType) {
    if (!isIndex(path) || contentType.contains("html")) {
      return null;
    }
    return PathNames.fileName(path).equals(CONFIG)
        ? CONFIG_READER
        : (in, copy, links) -> learn(PathNames.fileName(path), in, copy, links);
  }

  @Override
  public boolean linksElsewhere() {
    return true;
  }

  @Override
  public Set<String> fileHosts() {
    return Set.of("static.crates.io", "crates.io");
  }

  @Override
  public boolean promisesFiles() {
    return true;
  }

  /** {@code …/NAME-VERSION.crate}, or {@code …/NAME/VERSION/download}. */
  @Override
  public String promisedAs(String path) {
    if (!path.endsWith(DOWNLOAD)) {
      return PathNames.decoded(PathNames.fileName(path));
    }
    String version = PathNames.folder(path);
    String name = PathNames.fileName(PathNames.folder(version));
    return PathNames.decoded(file(name, PathNames.fileName(version)));
  }

  private static String file(String name, String version) {
    return name + "-" + version + CRATE;
  }

  /** {@code dl} is a URL, or the beginning of one before the first of its markers. */
  private static final class Config implements JsonIndex.Entries {
    @Override
    public boolean isEntry(List<String> path) {
      return path.isEmpty();
    }

    @Override
    public void edit(ObjectNode config, Links links) {
      String dl = text(config, "dl");
      if (dl != null) {
        int marker = dl.indexOf('{');
        String fixed = marker < 0 ? dl : dl.substring(0, marker);
        config.put("dl", links.lead(fixed, List.of()) + dl.substring(fixed.length()));
      }
    }
  }

  /** One object of JSON on each line; there is nothing in them to lead. */
  private static void learn(String crate, InputStream index, OutputStream copy, Links links)
      throws IOException {
    Metered metered = new Metered(index);
    BufferedReader lines = new BufferedReader(new InputStreamReader(metered, UTF_8));
    metered.allow(LINE_BYTES_MAX);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      metered.allow(LINE_BYTES_MAX);
      if (!line.isBlank()) {
        ObjectNode version = JsonIndex.object(line);
        String name = text(version, "name");
        String number = text(version, "vers");
        Digest digest = DigestText.hex(DigestAlgorithm.SHA_256, text(version, "cksum"));
        if (name == null || number == null || !name.equalsIgnoreCase(crate)) {
          throw new MalformedIndexException("a line names no version of its crate");
        }
        if (digest != null) {
          links.promise(file(name, number), List.of(digest));
        }
      }
      copy.write(line.getBytes(UTF_8));
      copy.write('\n');
    }
  }
}
