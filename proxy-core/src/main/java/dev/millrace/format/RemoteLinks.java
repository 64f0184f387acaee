package dev.millrace.format;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.LinkedFile;
import dev.millrace.artifact.Promise;
import dev.millrace.config.RemoteSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Leads the links of a remote's index back through the proxy.
 *
 * <p>A link below the remote's base URL becomes a path of the remote. One to another host becomes a
 * {@link LinkedFile} of the remote if that host is one of its {@code file_hosts}, or its package
 * type keeps files elsewhere; others stay as they are, and so does what is no URL.
 *
 * <p>Threading: confined to the reading of one index.
 */
public final class RemoteLinks implements Links {
  /** What the store computes anyway comes first, then the strongest. */
  private static final List<DigestAlgorithm> PREFERENCE =
      List.of(
          DigestAlgorithm.SHA_256,
          DigestAlgorithm.SHA_512,
          DigestAlgorithm.SHA_1,
          DigestAlgorithm.MD5);

  private final RemoteSettings remote;
  private final Format format;
  private final URI index;
  private final @Nullable RemoteSettings releases;
  private final @Nullable String prefix;
  private final Told told;

  /**
   * Who hears what is found on the way.
   *
   * @param promises digests of files
   * @param origins scheme and authority of hosts that files are on
   */
  public record Told(Consumer<Promise> promises, Consumer<String> origins) {}

  /**
   * For one index of a remote.
   *
   * @param releases another remote that links below its base URL are led through, or null
   * @param path of the index, raw
   * @param prefix what stands before {@code /api/v1/remote/} in links; null leaves all as they are
   */
  public RemoteLinks(
      RemoteSettings remote,
      @Nullable RemoteSettings releases,
      Format format,
      String path,
      @Nullable String prefix,
      Told told) {
    this.remote = remote;
    this.format = format;
    this.prefix = prefix;
    this.told = told;
    this.releases = releases;
    LinkedFile elsewhere = LinkedFile.parse(path);
    String url =
        elsewhere == null
            ? remote.baseUrl() + "/" + format.linkBase(ArtifactKey.withoutQuery(path))
            : elsewhere.origin() + elsewhere.pathAndQuery();
    this.index = URI.create(url);
  }

  @Override
  public String lead(String href, List<Digest> promised) {
    int mark = href.indexOf('#');
    String fragment = mark < 0 ? "" : href.substring(mark);
    Place place = place(mark < 0 ? href : href.substring(0, mark));
    if (place == null) {
      return href;
    }
    String path = ArtifactKey.withoutQuery(place.path());
    boolean own = place.remote().equals(remote.name());
    promise(place.remote(), own ? format.promisedAs(path) : PathNames.decoded(path), promised);
    return prefix == null
        ? href
        : prefix + "/api/v1/remote/" + place.remote() + "/" + place.path() + fragment;
  }

  private record Place(String remote, String path) {}

  @Override
  public void promise(String name, List<Digest> promised) {
    promise(remote.name(), name, promised);
  }

  private void promise(String through, String name, List<Digest> promised) {
    promised.stream()
        .min(Comparator.comparingInt(digest -> PREFERENCE.indexOf(digest.algorithm())))
        .ifPresent(digest -> told.promises().accept(new Promise(through, name, digest)));
  }

  /** What leads there, or null when nothing does. */
  private @Nullable Place place(String href) {
    URI url;
    try {
      url = index.resolve(new URI(href));
    } catch (URISyntaxException e) {
      return null;
    }
    String path = url.getRawPath();
    if (url.getHost() == null || path == null || path.isEmpty()) {
      return null;
    }
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    RemoteSettings other = releases;
    if (isBelow(url, remote)) {
      return new Place(remote.name(), below(path, remote) + query);
    }
    if (other != null && isBelow(url, other)) {
      return new Place(other.name(), below(path, other) + query);
    }
    LinkedFile file = LinkedFile.of(url, path + query);
    if (file == null || !isReached(file)) {
      return null;
    }
    told.origins().accept(file.origin());
    return new Place(remote.name(), file.path());
  }

  private boolean isReached(LinkedFile file) {
    return format.linksElsewhere() || isListed(remote, format, file);
  }

  /** Whether the settings, or the package type, name the host of that file. */
  public static boolean isListed(RemoteSettings remote, Format format, LinkedFile file) {
    Set<String> known = format.fileHosts();
    return remote.fileHosts().contains(file.host())
        || remote.fileHosts().contains(file.authority())
        || known.contains(file.authority());
  }

  /** On the remote's host, whichever scheme an index spells it with, and below its base URL. */
  private static boolean isBelow(URI url, RemoteSettings of) {
    URI base = of.baseUrl();
    boolean sameHost = url.getHost().equalsIgnoreCase(base.getHost());
    return sameHost
        && (url.getPort() == base.getPort() || port(url) == port(base))
        && url.getRawPath().startsWith(base.getRawPath() + "/");
  }

  private static String below(String path, RemoteSettings of) {
    return path.substring(of.baseUrl().getRawPath().length() + 1);
  }

  private static int port(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
  }
}
