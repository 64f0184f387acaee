package dev.millrace.bench.rig;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request head, as far as the origin cares.
 *
 * @param head whether only the head of the answer is asked for
 * @param path its target
 * @param first first byte of the range that is asked for, -1 for none
 * @param last last byte of it, {@code Long.MAX_VALUE} for the end
 * @param ifRange the validator that the range depends on
 */
record OriginRequest(boolean head, String path, long first, long last, @Nullable String ifRange) {

  /** Reads a head. Errors: unchecked when it is none. */
  static OriginRequest parse(String text) {
    int target = text.indexOf(' ') + 1;
    int targetEnd = text.indexOf(' ', target);
    if (target == 0 || targetEnd < 0) {
      throw new IllegalArgumentException("not a request: " + text);
    }
    String path = text.substring(target, targetEnd);
    boolean head = text.startsWith("HEAD ");
    String range = field(text, "\r\nrange:");
    if (range == null || !range.startsWith("bytes=") || range.indexOf(',') >= 0) {
      return new OriginRequest(head, path, -1, Long.MAX_VALUE, null);
    }
    int dash = range.indexOf('-');
    String first = range.substring("bytes=".length(), dash);
    String last = range.substring(dash + 1);
    if (first.isEmpty()) {
      return new OriginRequest(head, path, -1, Long.MAX_VALUE, null);
    }
    return new OriginRequest(
        head,
        path,
        Long.parseLong(first),
        last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last),
        field(text, "\r\nif-range:"));
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
