package dev.millrace.artifact;

import org.jspecify.annotations.Nullable;

/**
 * What a {@code Range} field asks for (RFC 9110 §14.2), before the length of the body is known.
 *
 * <p>A field that is malformed, of another unit, reversed or with several ranges asks for the
 * whole: a server may ignore it, and a multipart answer multiplies the bytes of a hostile list.
 *
 * <p>Units: bytes. Threading: immutable.
 */
public sealed interface RangeRequest {
  /** The whole body. */
  record Whole() implements RangeRequest {}

  /**
   * {@code first-last}, both included; {@code last} is {@link Long#MAX_VALUE} when open-ended.
   *
   * @param first offset of the first byte
   * @param last offset of the last byte
   */
  record Span(long first, long last) implements RangeRequest {}

  /**
   * The last bytes of the body.
   *
   * @param count how many
   */
  record Suffix(long count) implements RangeRequest {}

  /** Where a request meets a body of known length. */
  sealed interface Resolved {
    /** All of it: 200. */
    record Whole() implements Resolved {}

    /**
     * A part: 206.
     *
     * @param first offset of the first byte
     * @param last offset of the last byte
     */
    record Part(long first, long last) implements Resolved {
      /** Number of bytes. */
      public long count() {
        return last - first + 1;
      }
    }

    /** Nothing of it: 416. */
    record Unsatisfiable() implements Resolved {}
  }

  /** Reads the field's value; null is no field. Numbers over {@code 2^63-1} saturate. */
  static RangeRequest parse(@Nullable String value) {
    if (value == null || value.length() < 7 || !value.regionMatches(true, 0, "bytes=", 0, 6)) {
      return new Whole();
    }
    String spec = value.substring(6);
    int dash = spec.indexOf('-');
    if (dash < 0) {
      return new Whole();
    }
    long first = number(spec, 0, dash);
    long last = number(spec, dash + 1, spec.length());
    if (dash == 0) {
      return last < 0 ? new Whole() : new Suffix(last);
    }
    if (first < 0) {
      return new Whole();
    }
    if (dash == spec.length() - 1) {
      return new Span(first, Long.MAX_VALUE);
    }
    return last < first ? new Whole() : new Span(first, last);
  }

  /** Resolves it against a body of that length. */
  default Resolved resolve(long length) {
    return switch (this) {
      case Whole() -> new Resolved.Whole();
      case Span(long first, long last) ->
          first >= length
              ? new Resolved.Unsatisfiable()
              : new Resolved.Part(first, Math.min(last, length - 1));
      case Suffix(long count) -> {
        if (count == 0) {
          yield new Resolved.Unsatisfiable();
        }
        // A suffix is satisfiable whatever the length (RFC 9110 §14.1.2), but no 206 can say "none
        // of 0".
        yield length == 0
            ? new Resolved.Whole()
            : new Resolved.Part(Math.max(0, length - count), length - 1);
      }
    };
  }

  /** The digits between two offsets, saturated; -1 when there are none or anything else. */
  private static long number(String text, int from, int to) {
    if (from == to) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }
}
