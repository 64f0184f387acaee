package dev.millrace.bench.rig;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request head, as far as the origin cares.
 *
 * @param path its target
 * @param first first byte of the range that is asked for, -1 for none
 * @param last last byte of it, {@code Long.MAX_VALUE} for the end
 * @param ifRange the validator that the range depends on
 */
record OriginRequest(String path, long first, long last, @Nullable String ifRange) {

  /** Reads a head. Errors: unchecked when it is none. */
  static OriginRequest parse(String head) {
    int target = head.indexOf(' ') + 1;
    int targetEnd = head.indexOf(' ', target);
    if (target == 0 || targetEnd < 0) {
      throw new IllegalArgumentException("not a request: " + head);
    }
    String path = head.substring(target, targetEnd);
    String range = field(head, "\r\nrange:");
    if (range == null || !range.startsWith("bytes=") || range.indexOf(',') >= 0) {
      return new OriginRequest(path, -1, Long.MAX_VALUE, null);
    }
    int dash = range.indexOf('-');
    String first = range.substring("bytes=".length(), dash);
    String last = range.substring(dash + 1);
    if (first.isEmpty()) {
      return new OriginRequest(path, -1, Long.MAX_VALUE, null);
    }
    return new OriginRequest(
        path,
        Long.parseLong(first),
        last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last),
        field(head, "\r\nif-range:"));
  }

  private static @Nullable String field(String head, String name) {
    int at = head.toLowerCase(Locale.ROOT).indexOf(name);
    if (at < 0) {
      return null;
    }
    int value = at + name.length();
    int end = head.indexOf('\r', value);
    return head.substring(value, end < 0 ? head.length() : end).strip();
  }
}
