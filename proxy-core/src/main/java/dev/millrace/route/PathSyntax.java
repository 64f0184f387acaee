package dev.millrace.route;

import java.util.HexFormat;

/**
 * What a path may not hold, in any spelling that an upstream might decode: dot segments, control
 * bytes, overlong characters, broken escapes.
 *
 * <p>Threading: stateless.
 */
final class PathSyntax {
  private PathSyntax() {}

  /** Whether the raw path, and what it decodes to once and twice, has nothing of that. */
  static boolean isAcceptable(String raw) {
    if (raw.indexOf('%') < 0) {
      // Nothing to decode: once is enough.
      return raw.indexOf('\\') < 0 && !hasForbidden(raw) && !hasOverlong(raw);
    }
    String once = decode(raw);
    String twice = decode(once);
    return !raw.contains("\\")
        && !hasForbidden(raw)
        && !hasForbidden(once)
        && !hasForbidden(twice)
        && !hasOverlong(once)
        && !hasOverlong(twice);
  }

  /** Whether every {@code %} is followed by two hexadecimal digits that name no control byte. */
  static boolean hasValidEscapes(String raw) {
    for (int i = raw.indexOf('%'); i >= 0; i = raw.indexOf('%', i + 1)) {
      int value = escaped(raw, i);
      if (value < 0x20 || value == 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasForbidden(String path) {
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      char c = i == path.length() ? '/' : path.charAt(i);
      if (c < 0x20 || c == 0x7f) {
        return true;
      }
      if (c == '/' || c == '\\') {
        if (isDotSegment(path, start, i)) {
          return true;
        }
        start = i + 1;
      }
    }
    return false;
  }

  /**
   * {@code .} or {@code ..}, also before a path parameter such as {@code ..;x} that some servers
   * strip, or what a decoded {@code ..%3f} or {@code ..%23} makes a query or a fragment.
   */
  private static boolean isDotSegment(String path, int start, int end) {
    int dots = start;
    while (dots < end && path.charAt(dots) == '.') {
      dots++;
    }
    int count = dots - start;
    return (count == 1 || count == 2) && (dots == end || ";?#".indexOf(path.charAt(dots)) >= 0);
  }

  /**
   * UTF-8 with more bytes than needed, by which a lenient decoder makes a dot or a slash of {@code
   * %c0%ae}. A Latin-1 name that looks like it is refused too: its letters would be an accent and a
   * sign.
   */
  private static boolean hasOverlong(String decoded) {
    for (int i = 0; i + 1 < decoded.length(); i++) {
      char lead = decoded.charAt(i);
      char next = decoded.charAt(i + 1);
      if (lead >= 0xc0
          && lead <= 0xff
          && next >= 0x80
          && next <= 0xbf
          && (lead <= 0xc1
              || (lead == 0xe0 && next < 0xa0)
              || (lead == 0xf0 && next < 0x90)
              || lead >= 0xf8)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Decodes valid escapes byte by byte and leaves broken ones; bytes over 0x7f become Latin-1
   * characters.
   */
  private static String decode(String raw) {
    if (raw.indexOf('%') < 0) {
      return raw;
    }
    StringBuilder decoded = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      int value = raw.charAt(i) == '%' ? escaped(raw, i) : -1;
      if (value < 0) {
        decoded.append(raw.charAt(i));
      } else {
        decoded.append((char) value);
        i += 2;
      }
    }
    return decoded.toString();
  }

  private static int escaped(String raw, int percent) {
    if (percent + 2 >= raw.length()
        || !HexFormat.isHexDigit(raw.charAt(percent + 1))
        || !HexFormat.isHexDigit(raw.charAt(percent + 2))) {
      return -1;
    }
    return HexFormat.fromHexDigits(raw, percent + 1, percent + 3);
  }
}
