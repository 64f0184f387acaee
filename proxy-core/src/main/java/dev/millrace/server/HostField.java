package dev.millrace.server;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks {@code Host} (RFC 9110 §7.2): one line, one host, no user, no path. */
final class HostField {
  /** A name, an IPv4 address or a bracketed IPv6 address, and a port. */
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(?:[A-Za-z0-9._~!$&'()*+;=-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(?::([0-9]{0,5}))?");

  private static final int PORT_MAX = 65_535;

  private HostField() {}

  /** Whether the lines are acceptable; HTTP/1.0 may have none. */
  static boolean isAcceptable(List<String> lines, boolean required) {
    return switch (lines.size()) {
      case 0 -> !required;
      case 1 -> isAuthority(lines.getFirst());
      default -> false;
    };
  }

  private static boolean isAuthority(String value) {
    Matcher matcher = AUTHORITY.matcher(value);
    if (!matcher.matches()) {
      return false;
    }
    String port = matcher.group(1);
    return port == null || port.isEmpty() || Integer.parseInt(port) <= PORT_MAX;
  }
}
