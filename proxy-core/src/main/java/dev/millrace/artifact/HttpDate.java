package dev.millrace.artifact;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The three date forms of HTTP (RFC 9110 §5.6.7). Units: milliseconds since the epoch. */
public final class HttpDate {
  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);
  private static final DateTimeFormatter RFC_850 =
      new DateTimeFormatterBuilder()
          .appendPattern("EEEE, dd-MMM-")
          .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
          .appendPattern(" HH:mm:ss 'GMT'")
          .toFormatter(Locale.ROOT);
  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);
  private static final List<DateTimeFormatter> FORMS = List.of(IMF_FIXDATE, RFC_850, ASCTIME);

  private HttpDate() {}

  /** The time a field names, empty when there is none or it is no date. */
  public static OptionalLong parse(@Nullable String value) {
    if (value == null || value.length() > 64) {
      return OptionalLong.empty();
    }
    for (DateTimeFormatter form : FORMS) {
      try {
        LocalDateTime time = LocalDateTime.parse(value.strip(), form);
        return OptionalLong.of(time.toInstant(ZoneOffset.UTC).toEpochMilli());
      } catch (DateTimeException e) {
        // The next form may fit; a value that fits none is no date (RFC 9110 §13.1.3: ignored).
        continue;
      }
    }
    return OptionalLong.empty();
  }

  /** The preferred form of a time. */
  public static String format(long millis) {
    return IMF_FIXDATE.format(
        ZonedDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC));
  }
}
