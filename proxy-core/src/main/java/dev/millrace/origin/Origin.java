package dev.millrace.origin;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A place that is asked: scheme, host and port (RFC 9110 §4.3.1). Credentials and pooled
 * connections belong to one origin.
 *
 * @param tls {@code https} instead of {@code http}
 * @param host lower-case name or literal address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
record Origin(boolean tls, String host, int port) {

  /** The origin of a URL, or null when it names none that can be asked. */
  static @Nullable Origin of(URI url) {
    String scheme = url.getScheme();
    String host = url.getHost();
    if (scheme == null || host == null || host.isEmpty()) {
      return null;
    }
    boolean tls = scheme.equalsIgnoreCase("https");
    if (!tls && !scheme.equalsIgnoreCase("http")) {
      return null;
    }
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = url.getPort() < 0 ? defaultPort(tls) : url.getPort();
    // A zone (fe80::1%eth0) names an interface of this machine: nobody outside has a use for it.
    if (port < 1 || port > 65_535 || host.indexOf('%') >= 0) {
      return null;
    }
    return new Origin(tls, host.toLowerCase(Locale.ROOT), port);
  }

  /** The {@code Host} field: brackets around IPv6, no default port. */
  String authority() {
    return port == defaultPort(tls) ? bracketed() : bracketed() + ":" + port;
  }

  /** Scheme and authority, for the absolute form that an outbound proxy takes. */
  String url() {
    return (tls ? "https://" : "http://") + authority();
  }

  private String bracketed() {
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  private static int defaultPort(boolean tls) {
    return tls ? 443 : 80;
  }

  /** For the log: never with a path, so never with a token. */
  @Override
  public String toString() {
    return url();
  }
}
