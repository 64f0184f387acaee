package dev.millrace.exchange;

import static dev.millrace.config.Limits.FILE_HOSTS_MAX;

import dev.millrace.artifact.LinkedFile;
import dev.millrace.config.RemoteSettings;
import dev.millrace.format.Classifier;
import dev.millrace.format.Format;
import dev.millrace.format.Formats;
import dev.millrace.format.RemoteLinks;
import dev.millrace.policy.PathRules;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A remote with its rules made ready.
 *
 * <p>Limits: {@code FILE_HOSTS_MAX} other origins that its indexes lead to are remembered.
 *
 * <p>Threading: thread-safe.
 *
 * @param settings as configured
 * @param releases its {@code releases_remote}, null for none
 * @param isPromised whether indexes, of it or of another remote, promise what its files are
 * @param format its package type
 * @param rules its allow and deny lists
 * @param classifier how its paths change
 * @param linked other origins that its indexes have led to since the start
 */
record Remote(
    RemoteSettings settings,
    @Nullable RemoteSettings releases,
    boolean isPromised,
    Format format,
    PathRules rules,
    Classifier classifier,
    Set<String> linked) {
  /**
   * That remote.
   *
   * @param all the remotes that are configured
   */
  static Remote of(RemoteSettings settings, Collection<RemoteSettings> all) {
    Format format = Formats.named(settings.packageType());
    if (format == null) {
      throw new IllegalArgumentException(
          "remote " + settings.name() + ": no package type " + settings.packageType());
    }
    RemoteSettings releases =
        all.stream()
            .filter(other -> other.name().equals(settings.releasesRemote()))
            .findFirst()
            .orElse(null);
    boolean named = all.stream().anyMatch(other -> other.releasesRemote().equals(settings.name()));
    return new Remote(
        settings,
        releases,
        named || format.promisesFiles(),
        format,
        new PathRules(settings),
        new Classifier(settings, format),
        ConcurrentHashMap.newKeySet());
  }

  /** One of its indexes leads to that origin. */
  void linksTo(String origin) {
    if (linked.size() < FILE_HOSTS_MAX) {
      linked.add(origin);
    }
  }

  /** Whether a file on another host is fetched through it: nobody but its indexes says which. */
  boolean reaches(LinkedFile file) {
    return linked.contains(file.origin()) || RemoteLinks.isListed(settings, format, file);
  }
}
