package dev.millrace.origin;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses a redirect must not lead to: everything that is not on the public internet.
 *
 * <p>Sources: the IANA special-purpose address registries (RFC 6890) for IPv4 and IPv6, multicast
 * (RFC 5771, RFC 4291), and the IPv6 forms that carry an IPv4 address: mapped and compatible (RFC
 * 4291 §2.5.5), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
 */
final class PrivateAddresses {
  private PrivateAddresses() {}

  /** Whether an address belongs to this machine, this network or nobody. */
  static boolean contains(InetAddress address) {
    return switch (address) {
      case Inet4Address four -> containsIpv4(four.getAddress(), 0);
      case Inet6Address six -> containsIpv6(six.getAddress());
      default -> true;
    };
  }

  /**
   * Whether a host of a URL can be told to be private without asking DNS: a literal address, {@code
   * localhost}, or a number that some resolvers take for an address.
   */
  static boolean containsLiteral(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    name = name.toLowerCase(Locale.ROOT);
    if (name.isEmpty() || name.equals("localhost") || name.endsWith(".localhost")) {
      return true;
    }
    if (isOddNumber(name)) {
      return true;
    }
    InetAddress address = literal(name);
    return address != null && contains(address);
  }

  /**
   * Whether a host ends like an IPv4 address but is not one in its only plain spelling. {@code
   * 0177.0.0.1}, {@code 127.1}, {@code 2130706433} and {@code 0x7f.1} mean different addresses to
   * different resolvers.
   */
  static boolean isOddNumber(String host) {
    if (host.indexOf(':') >= 0) {
      return false;
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    String last = name.substring(name.lastIndexOf('.') + 1);
    boolean numeric =
        last.matches("[0-9]+") || last.toLowerCase(Locale.ROOT).matches("0x[0-9a-f]*");
    return numeric && !isPlainIpv4(name);
  }

  private static boolean isPlainIpv4(String name) {
    String[] parts = name.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (String part : parts) {
      if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable InetAddress literal(String name) {
    if (!isPlainIpv4(name) && name.indexOf(':') < 0) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(name);
    } catch (IllegalArgumentException e) {
      // Not an address after all; as a name it will not resolve either.
      return null;
    }
  }

  private static boolean containsIpv4(byte[] bytes, int at) {
    int a = bytes[at] & 0xff;
    int b = bytes[at + 1] & 0xff;
    int c = bytes[at + 2] & 0xff;
    return switch (a) {
      case 0, 10, 127 -> true;
      case 100 -> (b & 0xc0) == 64;
      case 169 -> b == 254;
      case 172 -> (b & 0xf0) == 16;
      case 192 -> b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99);
      case 198 -> b == 18 || b == 19 || (b == 51 && c == 100);
      case 203 -> b == 0 && c == 113;
      default -> a >= 224;
    };
  }

  private static boolean containsIpv6(byte[] bytes) {
    int head = ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
    int next = ((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff);
    if (isZero(bytes, 0, 10)) {
      // Of ::/80 only the mapped addresses, ::ffff:0:0/96, can be anywhere else than here.
      return bytes[10] != -1 || bytes[11] != -1 || containsIpv4(bytes, 12);
    }
    return switch (head) {
      case 0x0064 -> next == 0xff9b && (!isZero(bytes, 4, 12) || containsIpv4(bytes, 12));
      case 0x0100 -> true;
      case 0x2002 -> containsIpv4(bytes, 2);
      // 2001::/23 is set aside for protocols (Teredo, benchmarks, ORCHID); 2001:db8::/32 for
      // examples.
      case 0x2001 -> next < 0x0200 || next == 0x0db8;
      case 0x3fff, 0x5f00 -> true;
      // fc00::/7 unique local, fe80::/10 link-local, fec0::/10 site-local, ff00::/8 multicast.
      default ->
          (head & 0xfe00) == 0xfc00 || (head & 0xff80) == 0xfe80 || (head & 0xff00) == 0xff00;
    };
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
