package dev.millrace.artifact;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file on another host than the remote's own, to which the remote's indexes link, as a path of
 * the remote: {@code _files/https/files.example.com/packages/a.whl}. A port follows the host behind
 * {@code ~}: clients write such paths anew, and leave only unreserved characters alone (RFC 3986
 * §2.3). An IPv6 address has no such form.
 *
 * @param tls {@code https} instead of {@code http}
 * @param authority host and perhaps port, in lower case
 * @param pathAndQuery raw, with its leading slash
 */
public record LinkedFile(boolean tls, String authority, String pathAndQuery) {
  private static final String PREFIX = "_files/";
  private static final String HTTPS = "https";
  private static final String HTTP = "http";

  /** What such a path names, or null of any other path. */
  public static @Nullable LinkedFile parse(String path) {
    if (!path.startsWith(PREFIX)) {
      return null;
    }
    int scheme = path.indexOf('/', PREFIX.length());
    int host = scheme < 0 ? -1 : path.indexOf('/', scheme + 1);
    if (host < 0) {
      return null;
    }
    URI origin;
    try {
      String authority = path.substring(scheme + 1, host).replace('~', ':');
      origin = URI.create(path.substring(PREFIX.length(), scheme) + "://" + authority);
    } catch (IllegalArgumentException e) {
      return null;
    }
    return of(origin, path.substring(host));
  }

  /** That path at the host of a URL; null where the URL names none that can be asked. */
  public static @Nullable LinkedFile of(URI url, String pathAndQuery) {
    String scheme = url.getScheme();
    String authority = url.getRawAuthority();
    boolean usable =
        url.getHost() != null
            && !url.getHost().startsWith("[")
            && authority != null
            && url.getRawUserInfo() == null
            && scheme != null;
    if (!usable || !(scheme.equalsIgnoreCase(HTTPS) || scheme.equalsIgnoreCase(HTTP))) {
      return null;
    }
    return new LinkedFile(
        scheme.equalsIgnoreCase(HTTPS), authority.toLowerCase(Locale.ROOT), pathAndQuery);
  }

  /** The path of the remote. */
  public String path() {
    return PREFIX + (tls ? HTTPS : HTTP) + "/" + authority.replace(':', '~') + pathAndQuery;
  }

  /** Scheme and authority. */
  public String origin() {
    return (tls ? HTTPS : HTTP) + "://" + authority;
  }

  /** The host without its port. */
  public String host() {
    return URI.create(origin()).getHost();
  }
}
