package dev.millrace.format;

import com.google.re2j.Pattern;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.config.RemoteSettings;
import java.util.List;

/**
 * Classifies a remote's paths: the user's patterns before the format's rules, mutable before
 * immutable.
 *
 * <p>Threading: immutable.
 */
public final class Classifier {
  private final Format format;
  private final List<Pattern> mutable;
  private final List<Pattern> immutable;

  /** The classifier of that remote. */
  public Classifier(RemoteSettings remote, Format format) {
    this.format = format;
    this.mutable = remote.mutablePatterns();
    this.immutable = remote.immutablePatterns();
  }

  /** How the content behind that path, with or without a query, changes. */
  public ContentClass classify(String pathAndQuery) {
    String path = ArtifactKey.withoutQuery(pathAndQuery);
    if (anyMatches(mutable, path)) {
      return ContentClass.MUTABLE;
    }
    if (anyMatches(immutable, path)) {
      return ContentClass.IMMUTABLE;
    }
    return format.classify(path);
  }

  private static boolean anyMatches(List<Pattern> patterns, String path) {
    for (Pattern pattern : patterns) {
      if (pattern.matcher(path).find()) {
        return true;
      }
    }
    return false;
  }
}
