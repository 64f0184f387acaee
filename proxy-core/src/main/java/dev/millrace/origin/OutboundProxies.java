package dev.millrace.origin;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which origins are reached through an HTTP proxy of the network that Millrace runs in: {@code
 * HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY}, in upper or lower case, with the meaning
 * they have for Go programs. Loopback is never proxied.
 *
 * <p>Threading: immutable.
 */
public final class OutboundProxies {
  /**
   * One proxy.
   *
   * @param host name or literal address
   * @param port 1 to 65535
   * @param username Basic user, empty for none
   * @param password Basic password
   */
  record Proxy(String host, int port, String username, String password) {
    /** Never shows the credentials. */
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** One entry of {@code NO_PROXY}. */
  private sealed interface Exempt {
    /** Everything. */
    record All() implements Exempt {}

    /**
     * A name, and the names below it unless it was written with a leading dot, then only those.
     *
     * @param suffix with a leading dot
     * @param self whether the name itself is meant too
     * @param port 0 for any
     */
    record Name(String suffix, boolean self, int port) implements Exempt {}

    /**
     * An address block.
     *
     * @param network first address
     * @param bits length of the prefix
     * @param port 0 for any
     */
    record Block(InetAddress network, int bits, int port) implements Exempt {}
  }

  private final @Nullable Proxy plain;
  private final @Nullable Proxy secure;
  private final List<Exempt> exempts;

  private OutboundProxies(@Nullable Proxy plain, @Nullable Proxy secure, List<Exempt> exempts) {
    this.plain = plain;
    this.secure = secure;
    this.exempts = List.copyOf(exempts);
  }

  /** No proxy at all. */
  public static OutboundProxies none() {
    return new OutboundProxies(null, null, List.of());
  }

  /**
   * Reads the variables of an environment. Errors: {@link IllegalArgumentException} with the
   * variable's name, never its value, when a proxy's URL cannot be used.
   */
  public static OutboundProxies of(Map<String, String> environment) {
    return new OutboundProxies(
        proxy(environment, "HTTP_PROXY"),
        proxy(environment, "HTTPS_PROXY"),
        exempts(variable(environment, "NO_PROXY")));
  }

  /** The proxy for an origin, or null to connect to it. */
  @Nullable Proxy forOrigin(Origin origin) {
    Proxy proxy = origin.tls() ? secure : plain;
    if (proxy == null) {
      return null;
    }
    InetAddress address = literal(origin.host());
    boolean loopback =
        address == null ? origin.host().equals("localhost") : address.isLoopbackAddress();
    return loopback || exempts.stream().anyMatch(e -> covers(e, origin, address)) ? null : proxy;
  }

  private static String variable(Map<String, String> environment, String name) {
    String upper = environment.getOrDefault(name, "");
    return upper.isEmpty()
        ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "").strip()
        : upper.strip();
  }

  private static @Nullable Proxy proxy(Map<String, String> environment, String name) {
    String value = variable(environment, name);
    if (value.isEmpty()) {
      return null;
    }
    Origin origin;
    String user;
    try {
      URI url = new URI(value.contains("://") ? value : "http://" + value);
      origin = Origin.of(url);
      user = Objects.requireNonNullElse(url.getRawUserInfo(), "");
    } catch (URISyntaxException e) {
      // Its message would show the value, and the value may hold a password.
      throw new IllegalArgumentException(name + " is not a URL");
    }
    if (origin == null || origin.tls()) {
      throw new IllegalArgumentException(name + " must be an http URL with a host");
    }
    int colon = user.indexOf(':');
    return new Proxy(
        origin.host(),
        origin.port(),
        decode(colon < 0 ? user : user.substring(0, colon)),
        colon < 0 ? "" : decode(user.substring(colon + 1)));
  }

  private static String decode(String part) {
    // In user information a plus is a plus; URLDecoder would make a space of it.
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static List<Exempt> exempts(String list) {
    List<Exempt> exempts = new ArrayList<>();
    for (String item : list.toLowerCase(Locale.ROOT).split(",", -1)) {
      String entry = item.strip();
      if (entry.equals("*")) {
        exempts.add(new Exempt.All());
      } else if (!entry.isEmpty()) {
        exempts.add(exempt(entry));
      }
    }
    return exempts;
  }

  private static Exempt exempt(String entry) {
    int slash = entry.indexOf('/');
    if (slash > 0 && entry.substring(slash + 1).matches("[0-9]{1,3}")) {
      InetAddress network = literal(entry.substring(0, slash));
      if (network != null) {
        return new Exempt.Block(network, Integer.parseInt(entry.substring(slash + 1)), 0);
      }
    }
    String host = entry;
    int port = 0;
    int colon = entry.lastIndexOf(':');
    boolean bracketed = entry.startsWith("[");
    if ((bracketed ? colon > entry.indexOf(']') : colon == entry.indexOf(':'))
        && colon > 0
        && entry.substring(colon + 1).matches("[0-9]{1,5}")) {
      host = entry.substring(0, colon);
      port = Integer.parseInt(entry.substring(colon + 1));
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    InetAddress address = literal(host);
    if (address != null) {
      return new Exempt.Block(address, address.getAddress().length * 8, port);
    }
    String below = host.startsWith("*.") ? host.substring(1) : host;
    boolean self = !below.startsWith(".");
    return new Exempt.Name(self ? "." + below : below, self, port);
  }

  private static boolean covers(Exempt exempt, Origin origin, @Nullable InetAddress address) {
    return switch (exempt) {
      case Exempt.All() -> true;
      case Exempt.Name(String suffix, boolean self, int port) ->
          (port == 0 || port == origin.port())
              && (origin.host().endsWith(suffix)
                  || (self && origin.host().equals(suffix.substring(1))));
      case Exempt.Block(InetAddress network, int bits, int port) ->
          (port == 0 || port == origin.port())
              && address != null
              && inBlock(address.getAddress(), network.getAddress(), bits);
    };
  }

  private static boolean inBlock(byte[] address, byte[] network, int bits) {
    if (address.length != network.length || bits > address.length * 8) {
      return false;
    }
    int whole = bits / 8;
    int rest = bits % 8;
    if (!Arrays.equals(address, 0, whole, network, 0, whole)) {
      return false;
    }
    int mask = 0xff << (8 - rest);
    return rest == 0 || (address[whole] & mask) == (network[whole] & mask);
  }

  private static @Nullable InetAddress literal(String host) {
    if (host.isEmpty() || (host.indexOf(':') < 0 && !Character.isDigit(host.charAt(0)))) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      // A name that begins like an address.
      return null;
    }
  }

  /** Shows hosts and ports only. */
  @Override
  public String toString() {
    return "proxies http=" + plain + " https=" + secure;
  }
}
