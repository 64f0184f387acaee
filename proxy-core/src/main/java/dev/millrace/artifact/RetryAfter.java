package dev.millrace.artifact;

import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The field {@code Retry-After} (RFC 9110 §10.2.3). Units: milliseconds. */
public final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final long MILLIS = 1_000;

  private RetryAfter() {}

  /** How long the value asks to wait; 0 when there is none, it is neither form, or is over. */
  public static long millis(@Nullable String value, long nowMillis) {
    if (value == null) {
      return 0;
    }
    String text = value.strip();
    if (SECONDS.matcher(text).matches()) {
      return Long.parseLong(text) * MILLIS;
    }
    OptionalLong date = HttpDate.parse(text);
    return date.isPresent() ? Math.max(0, date.getAsLong() - nowMillis) : 0;
  }
}
