package dev.millrace.artifact;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
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
 * @param authority host in lower case, and port where it is not the scheme's own
 * @param pathAndQuery raw, with its leading slash
 */
public record LinkedFile(boolean tls, String authority, String pathAndQuery) {
  private static final String PREFIX = "_files/";
  private static final Pattern PATH =
      Pattern.compile(PREFIX + "(https?)/([a-z0-9.-]+(?:~[1-9][0-9]{0,4})?)(/.*)");

  private static final String HTTPS = "https";
  private static final String HTTP = "http";

  /** What such a path names, with its query or without; null of any other path. */
  public static @Nullable LinkedFile parse(String path) {
    if (!path.startsWith(PREFIX)) {
      // Nearly every path, and a hit pays for what is asked here.
      return null;
    }
    Matcher matcher = PATH.matcher(path);
    if (!matcher.matches()) {
      return null;
    }
    String authority = matcher.group(2).replace('~', ':');
    URI origin;
    try {
      origin = URI.create(matcher.group(1) + "://" + authority);
    } catch (IllegalArgumentException e) {
      return null;
    }
    LinkedFile file = of(origin, matcher.group(3));
    // One file has one path, or its promise would not be found.
    return file != null && file.path().equals(path) ? file : null;
  }

  /** That path at the host of a URL; null where the URL names none that can be asked. */
  public static @Nullable LinkedFile of(URI url, String pathAndQuery) {
    String scheme = url.getScheme();
    boolean usable =
        url.getHost() != null
            && !url.getHost().startsWith("[")
            && url.getRawUserInfo() == null
            && scheme != null;
    if (!usable || !(scheme.equalsIgnoreCase(HTTPS) || scheme.equalsIgnoreCase(HTTP))) {
      return null;
    }
    boolean tls = scheme.equalsIgnoreCase(HTTPS);
    String host = url.getHost().toLowerCase(Locale.ROOT);
    boolean usual = url.getPort() < 0 || url.getPort() == (tls ? 443 : 80);
    return new LinkedFile(tls, usual ? host : host + ":" + url.getPort(), pathAndQuery);
  }

  /** The path of the remote. */
  public String path() {
    return PREFIX + (tls ? HTTPS : HTTP) + "/" + authority.replace(':', '~') + pathAndQuery;
  }

  /** Scheme and authority. */
  public String origin() {
    return (tls ? HTTPS : HTTP) + "://" + authority;
  }
}
