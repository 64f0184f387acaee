package dev.millrace.exchange;

import static dev.millrace.config.Limits.FILE_HOSTS_MAX;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.LinkedFile;
import dev.millrace.config.RemoteSettings;
import dev.millrace.format.Classifier;
import dev.millrace.format.Format;
import dev.millrace.format.Formats;
import dev.millrace.format.RemoteLinks;
import dev.millrace.policy.PathRules;
import dev.millrace.serve.Responder;
import dev.millrace.store.BlobStore;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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

  /**
   * Asks what a file was promised to be, and tells it in a step of the answer; null for nothing.
   * Without the catalog that is as unknown as before its index was read.
   */
  void askPromise(
      ArtifactKey key, BlobStore store, Responder responder, Consumer<@Nullable Digest> then) {
    var ignored =
        store
            .promises()
            .find(key.remote(), RemoteLinks.nameOf(format, key.path()))
            .whenComplete((found, failure) ->
                responder.execute(() -> then.accept(failure == null ? found.orElse(null) : null)));
  }

  /** One of its indexes leads to that origin; false when these are too many. */
  boolean linksTo(String origin) {
    if (linked.size() < FILE_HOSTS_MAX) {
      linked.add(origin);
    }
    return linked.contains(origin);
  }

  /**
   * Whether a file on another host is fetched through it without a promise: nobody but its indexes
   * says which host.
   */
  boolean reaches(LinkedFile file) {
    return linked.contains(file.origin()) || RemoteLinks.isListed(settings, format, file);
  }
}
