package dev.millrace.format;

import com.google.re2j.Pattern;
import java.util.List;

/**
 * Go modules (Go Modules Reference, "GOPROXY protocol"): what belongs to a version never changes;
 * the list of versions does, and what a branch or the beginning of a version stands for, which is
 * asked for like one.
 *
 * <p>A checksum database behind the proxy ({@code sumdb/}, "Checksum database") is relayed but for
 * its tiles.
 */
final class GoProxyFormat implements Format {
  /** A whole version (Semantic Versioning 2.0.0), pseudo-versions among them. */
  private static final Pattern VERSION =
      Pattern.compile("v[0-9]+\\.[0-9]+\\.[0-9]+(?:-[0-9A-Za-z.!-]+)?(?:\\+[0-9A-Za-z.-]+)?");

  private static final List<String> FILES = List.of(".info", ".mod", ".zip");
  private static final String VERSIONS = "@v";
  private static final String SUMS = "sumdb/";

  @Override
  public String name() {
    return "goproxy";
  }

  @Override
  public ContentClass classify(String path) {
    if (path.startsWith(SUMS)) {
      return path.contains("/tile/") ? ContentClass.IMMUTABLE : ContentClass.PASS_THROUGH;
    }
    String name = PathNames.fileName(path);
    if (name.equals("@latest")) {
      return ContentClass.MUTABLE;
    }
    if (!PathNames.fileName(PathNames.folder(path)).equals(VERSIONS)) {
      return ContentClass.PASS_THROUGH;
    }
    for (String ending : FILES) {
      if (name.endsWith(ending)) {
        String version = name.substring(0, name.length() - ending.length());
        return VERSION.matches(version) ? ContentClass.IMMUTABLE : ContentClass.MUTABLE;
      }
    }
    return ContentClass.MUTABLE;
  }
}
