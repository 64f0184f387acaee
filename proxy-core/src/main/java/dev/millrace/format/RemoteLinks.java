package dev.millrace.format;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.LinkedFile;
import dev.millrace.artifact.Promise;
import dev.millrace.config.RemoteSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  private final String indexPath;
  private final URI index;
  private final @Nullable RemoteSettings releases;
  private final @Nullable String prefix;
  private final Told told;

  /**
   * Who hears what is found on the way.
   *
   * @param promises digests of files
   * @param origins scheme and authority of another host that a file is on of which nothing is
   *     promised; false when no more of them are reached
   */
  public record Told(Consumer<Promise> promises, Predicate<String> origins) {}

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
    this.indexPath = ArtifactKey.withoutQuery(path);
    this.releases = releases;
    LinkedFile elsewhere = LinkedFile.parse(path);
    String url =
        elsewhere == null
            ? remote.baseUrl() + "/" + format.linkBase(ArtifactKey.withoutQuery(path))
            : elsewhere.origin() + elsewhere.pathAndQuery();
    this.index = URI.create(legal(url));
  }

  @Override
  public String lead(String href, List<Digest> promised) {
    int mark = href.indexOf('#');
    String fragment = mark < 0 ? "" : href.substring(mark);
    Place place = place(mark < 0 ? href : href.substring(0, mark), !promised.isEmpty());
    if (place == null) {
      return href;
    }
    boolean own = place.remote().equals(remote.name());
    String name = own ? nameOf(format, place.path()) : PathNames.decoded(place.path());
    if (!own || format.mayPromise(indexPath, name)) {
      promise(place.remote(), name, promised);
    }
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

  /** What an index knows the file behind a path by; a query tells files apart. */
  public static String nameOf(Format format, String pathAndQuery) {
    String path = ArtifactKey.withoutQuery(pathAndQuery);
    return format.promisedAs(path) + pathAndQuery.substring(path.length());
  }

  /** What leads there, or null when nothing does. */
  private @Nullable Place place(String href, boolean promised) {
    URI url;
    try {
      String based = format.rootIsBase() && href.startsWith("/") ? fromBase(href) : href;
      url = index.resolve(new URI(legal(based))).normalize();
    } catch (URISyntaxException e) {
      return null;
    }
    boolean http =
        "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    if (!http || url.getHost() == null || url.getRawPath() == null) {
      return null;
    }
    // What climbs above the root stays there (RFC 3986 §5.2.4).
    String path = url.getRawPath().replaceFirst("^(?:/\\.\\.(?=/|$))+", "");
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    RemoteSettings other = releases;
    if (isBelow(url, path, remote)) {
      return new Place(remote.name(), below(path, remote) + query);
    }
    if (other != null && isBelow(url, path, other)) {
      return new Place(other.name(), below(path, other) + query);
    }
    LinkedFile file = LinkedFile.of(url, path + query);
    if (file == null || !isReached(file)) {
      return null;
    }
    // What is promised is admitted by its promise, which outlives this process.
    boolean admitted =
        promised || isListed(remote, format, file) || told.origins().test(file.origin());
    return admitted ? new Place(remote.name(), file.path()) : null;
  }

  /** A path of the upstream's root, which its clients put behind the base URL. */
  private String fromBase(String href) {
    String base = remote.baseUrl().getRawPath();
    return href.startsWith("//") || href.startsWith(base + "/") ? href : base + href;
  }

  /** With what no URL may hold escaped (RFC 3986 §2.4): registries are not as strict. */
  private static String legal(String href) {
    StringBuilder out = new StringBuilder(href.length());
    for (byte octet : href.strip().getBytes(StandardCharsets.UTF_8)) {
      if (octet > ' ' && octet < 0x7f && "\"<>\\^`{|}[]".indexOf(octet) < 0) {
        out.append((char) octet);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
      }
    }
    return out.toString();
  }

  private boolean isReached(LinkedFile file) {
    return format.linksElsewhere() || isListed(remote, format, file);
  }

  /** Whether the settings, or the package type, name the host of that file. */
  public static boolean isListed(RemoteSettings remote, Format format, LinkedFile file) {
    return remote.hasFilesAt(file.authority()) || format.fileHosts().contains(file.authority());
  }

  /** On the remote's host, whichever scheme an index spells it with, and below its base URL. */
  private static boolean isBelow(URI url, String path, RemoteSettings of) {
    URI base = of.baseUrl();
    boolean sameHost = url.getHost().equalsIgnoreCase(base.getHost());
    return sameHost
        && (url.getPort() == base.getPort() || port(url) == port(base))
        && path.startsWith(base.getRawPath() + "/");
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
