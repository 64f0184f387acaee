package dev.millrace.artifact;

import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The three date forms of HTTP (RFC 9110 §5.6.7). Units: milliseconds since the epoch. */
public final class HttpDate {
  // Years have four digits and no sign: "+999999999" would parse and overflow the milliseconds.
  private static final DateTimeFormatter IMF_FIXDATE =
      strict(
          new DateTimeFormatterBuilder()
              .appendPattern("EEE, dd MMM ")
              .appendValue(ChronoField.YEAR, 4)
              .appendPattern(" HH:mm:ss 'GMT'"));
  private static final DateTimeFormatter RFC_850 =
      strict(
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
              .appendPattern(" HH:mm:ss 'GMT'"));
  private static final DateTimeFormatter ASCTIME =
      strict(
          new DateTimeFormatterBuilder()
              .appendPattern("EEE MMM ppd HH:mm:ss ")
              .appendValue(ChronoField.YEAR, 4));
  private static final List<DateTimeFormatter> FORMS = List.of(IMF_FIXDATE, RFC_850, ASCTIME);

  private static final long FIRST_MILLIS = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();
  private static final long LAST_MILLIS = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();

  private HttpDate() {}

  /** The time a field names, empty when there is none or it is no date. */
  public static OptionalLong parse(@Nullable String value) {
    if (value == null || value.length() > 64) {
      return OptionalLong.empty();
    }
    String text = value.strip();
    for (DateTimeFormatter form : FORMS) {
      ParsePosition end = new ParsePosition(0);
      // Syntax first, without an exception: most values fit the first form, and some fit none.
      if (form.parseUnresolved(text, end) != null && end.getIndex() == text.length()) {
        return resolve(text, form);
      }
    }
    return OptionalLong.empty();
  }

  /**
   * The preferred form of a time. Limits: times outside the years 0 to 9999 become the nearest
   * inside.
   */
  public static String format(long millis) {
    long shown = Math.clamp(millis, FIRST_MILLIS, LAST_MILLIS);
    return IMF_FIXDATE.format(ZonedDateTime.ofInstant(Instant.ofEpochMilli(shown), ZoneOffset.UTC));
  }

  private static OptionalLong resolve(String text, DateTimeFormatter form) {
    try {
      return OptionalLong.of(
          LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC).toEpochMilli());
    } catch (DateTimeException e) {
      // No such day, or another day of the week: no date, and so ignored (RFC 9110 §13.1.3).
      return OptionalLong.empty();
    }
  }

  /**
   * English names, which the root locale has in short form only; no 31 February that is the 28th.
   */
  private static DateTimeFormatter strict(DateTimeFormatterBuilder form) {
    return form.toFormatter(Locale.US).withResolverStyle(ResolverStyle.STRICT);
  }
}
