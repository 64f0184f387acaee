package dev.millrace.route;

/**
 * What a path may not hold, in any spelling that an upstream might decode: dot segments, control bytes,
 * broken escapes.
 *
 * <p>Threading: stateless.
 */
final class PathSyntax {
  private PathSyntax() {}

  /** Whether the raw path, and what it decodes to once and twice, has no dot segment or control byte. */
  static boolean isAcceptable(String raw) {
    String once = decode(raw);
    return !raw.contains("\\")
        && !hasForbidden(raw)
        && !hasForbidden(once)
        && !hasForbidden(decode(once));
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

  /** {@code .} or {@code ..}, also before a path parameter such as {@code ..;x} that some servers strip. */
  private static boolean isDotSegment(String path, int start, int end) {
    int stop = path.indexOf(';', start);
    int length = (stop < 0 || stop > end ? end : stop) - start;
    return length == 1 && path.charAt(start) == '.'
        || length == 2 && path.charAt(start) == '.' && path.charAt(start + 1) == '.';
  }

  /** Decodes valid escapes byte by byte and leaves broken ones; bytes over 0x7f become Latin-1 characters. */
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
    if (percent + 2 >= raw.length()) {
      return -1;
    }
    int high = Character.digit(raw.charAt(percent + 1), 16);
    int low = Character.digit(raw.charAt(percent + 2), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
