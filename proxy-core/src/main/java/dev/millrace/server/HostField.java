package dev.millrace.server;

import java.util.HexFormat;
import java.util.List;

/** Checks {@code Host} (RFC 9110 §7.2): one line, one host, no user, no path. */
final class HostField {
  private static final int NAME_CHARS_MAX = 255;
  private static final int ADDRESS_CHARS_MIN = 2;
  private static final int ADDRESS_CHARS_MAX = 45;
  private static final int PORT_DIGITS_MAX = 5;
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

  /** A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port. */
  private static boolean isAuthority(String value) {
    int end;
    if (value.startsWith("[")) {
      end = value.indexOf(']') + 1;
      if (!isAddress(value, 1, end - 1)) {
        return false;
      }
    } else {
      end = 0;
      while (end < value.length() && isNameChar(value.charAt(end))) {
        end++;
      }
      if (end == 0 || end > NAME_CHARS_MAX) {
        return false;
      }
    }
    return end == value.length() || (value.charAt(end) == ':' && isPort(value, end + 1));
  }

  private static boolean isAddress(String value, int start, int end) {
    if (end - start < ADDRESS_CHARS_MIN || end - start > ADDRESS_CHARS_MAX) {
      return false;
    }
    for (int i = start; i < end; i++) {
      char c = value.charAt(i);
      if (c != ':' && c != '.' && !HexFormat.isHexDigit(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPort(String value, int start) {
    if (value.length() - start > PORT_DIGITS_MAX) {
      return false;
    }
    int port = 0;
    for (int i = start; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + (c - '0');
    }
    return port <= PORT_MAX;
  }

  private static boolean isNameChar(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "._~!$&'()*+;=-".indexOf(c) >= 0;
  }
}
