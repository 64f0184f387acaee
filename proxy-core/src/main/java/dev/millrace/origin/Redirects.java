package dev.millrace.origin;

import dev.millrace.config.RemoteSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@code Location} leads, and whether a remote may go there.
 *
 * <p>What is decided here needs no DNS. The address that is connected to is checked by the {@link
 * Dialer}, whose {@link #guarded} targets must not be private. Decision 0004 says why.
 */
final class Redirects {
  /** What became of one {@code Location}. */
  sealed interface Step {
    /**
     * It may be asked.
     *
     * @param target the next place
     */
    record Follow(Target target) implements Step {}

    /**
     * It must not be asked.
     *
     * @param why one phrase without any part of the URL
     */
    record Refuse(String why) implements Step {}
  }

  private Redirects() {}

  /** Whether a status leads elsewhere, given a {@code Location}. */
  static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  /** Whether the address of a target has to be a public one: it was not configured. */
  static boolean guarded(Upstream upstream, Origin origin) {
    return !upstream.remote().allowPrivateRedirects()
        && !origin.equals(upstream.origin())
        && !origin.equals(upstream.tokenServer())
        && !upstream.isFileHost(origin);
  }

  /** Judges the {@code Location} fields of a redirect that {@code from} answered. */
  static Step step(Target from, List<String> locations, RemoteSettings remote) {
    if (locations.size() != 1) {
      return new Step.Refuse("more than one Location");
    }
    URI location = parse(locations.getFirst());
    if (location == null) {
      return new Step.Refuse("a Location that is not a URL");
    }
    Target target = resolve(from, location);
    if (target == null) {
      return new Step.Refuse("a Location that is neither http nor https, or names no host");
    }
    if (PrivateAddresses.isOddNumber(target.origin().host())) {
      return new Step.Refuse("a host that is an oddly spelled number");
    }
    if (from.origin().tls() && !target.origin().tls() && !remote.allowInsecureRedirects()) {
      return new Step.Refuse("from https to http");
    }
    return new Step.Follow(target);
  }

  /**
   * Only visible ASCII: {@link URI} would also take other letters, and what a backslash or a space
   * means depends on whom one asks.
   */
  private static @Nullable URI parse(String location) {
    for (int i = 0; i < location.length(); i++) {
      char c = location.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '\\') {
        return null;
      }
    }
    try {
      return location.isEmpty() ? null : new URI(location);
    } catch (URISyntaxException e) {
      // The caller says so; the exception's message holds the URL and is dropped for that.
      return null;
    }
  }

  /**
   * RFC 3986 §5.2.2, because {@link URI#resolve} is wrong for a lone query and for spare dot
   * segments.
   */
  private static @Nullable Target resolve(Target from, URI location) {
    if (location.isOpaque()) {
      return null;
    }
    Origin origin = from.origin();
    String path = location.getRawPath() == null ? "" : location.getRawPath();
    String query = location.getRawQuery();
    boolean elsewhere = location.getScheme() != null || location.getRawAuthority() != null;
    if (location.getScheme() != null) {
      origin = Origin.of(location);
    } else if (location.getRawAuthority() != null) {
      origin = Origin.of(URI.create((origin.tls() ? "https:" : "http:") + location));
    }
    if (origin == null) {
      return null;
    }
    if (!elsewhere && !path.startsWith("/")) {
      String base = from.pathAndQuery();
      int mark = base.indexOf('?');
      String basePath = mark < 0 ? base : base.substring(0, mark);
      if (path.isEmpty()) {
        path = basePath;
        query = query != null || mark < 0 ? query : base.substring(mark + 1);
      } else {
        path = basePath.substring(0, basePath.lastIndexOf('/') + 1) + path;
      }
    }
    path = withoutDotSegments(path.isEmpty() ? "/" : path);
    return new Target(origin, query == null ? path : path + "?" + query);
  }

  /** RFC 3986 §5.2.4 for a path with a leading slash. */
  private static String withoutDotSegments(String path) {
    StringBuilder out = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      int slash = path.indexOf('/', at + 1);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(at + 1, end);
      boolean last = slash < 0;
      if (segment.equals("..")) {
        out.setLength(Math.max(0, out.lastIndexOf("/")));
      } else if (!segment.equals(".")) {
        out.append('/').append(segment);
      }
      if (last && (segment.equals(".") || segment.equals(".."))) {
        out.append('/');
      }
      at = end;
    }
    return out.toString();
  }
}
