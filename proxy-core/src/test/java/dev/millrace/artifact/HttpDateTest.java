package dev.millrace.artifact;

import static java.time.temporal.ChronoUnit.DAYS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The three date forms are read, one is written (RFC 9110 §5.6.7). */
final class HttpDateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Sun, 06 Nov 1994 08:49:37 GMT | 1994-11-06T08:49:37Z",
        "Sunday, 06-Nov-94 08:49:37 GMT | 1994-11-06T08:49:37Z",
        "Sun Nov  6 08:49:37 1994 | 1994-11-06T08:49:37Z",
        "Wed Nov 16 08:49:37 1994 | 1994-11-16T08:49:37Z",
        "Thu, 01 Jan 1970 00:00:00 GMT | 1970-01-01T00:00:00Z",
        "Thursday, 01-Jan-70 00:00:00 GMT | 1970-01-01T00:00:00Z",
        "Tuesday, 31-Dec-69 00:00:00 GMT | 2069-12-31T00:00:00Z",
        "Thu, 29 Feb 2024 23:59:59 GMT | 2024-02-29T23:59:59Z",
        "Fri, 31 Dec 9999 23:59:59 GMT | 9999-12-31T23:59:59Z",
        "Mon, 01 Jan 0001 00:00:00 GMT | 0001-01-01T00:00:00Z",
        "' Sun, 06 Nov 1994 08:49:37 GMT ' | 1994-11-06T08:49:37Z"
      })
  void date_inAnyOfTheForms_isRead(String text, Instant expected) {
    assertThat(HttpDate.parse(text)).isEqualTo(OptionalLong.of(expected.toEpochMilli()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "0",
        "-1",
        "784111777",
        "now",
        "GMT",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT+1",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Xxx 1994 08:49:37 GMT"
      })
  void nonsense_isNoDate(String text) {
    assertThat(HttpDate.parse(text)).isEmpty();
  }

  @Test
  void noField_isNoDate() {
    assertThat(HttpDate.parse(null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 2023 00:00:00 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Sun, 31 Feb 2021 00:00:00 GMT",
        "Wed, 31 Apr 2025 00:00:00 GMT"
      })
  void dayThatDoesNotExist_isNoDate(String text) {
    assertThat(HttpDate.parse(text)).isEmpty();
  }

  /** CK18. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov +999999999 08:49:37 GMT",
        "Sun, 06 Nov +292278995 08:49:37 GMT",
        "Sun, 06 Nov 10000 08:49:37 GMT",
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        "Sun, 06 Nov -001 08:49:37 GMT",
        "Sun, 06 Nov -1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 +999999999",
        "Sun Nov  6 08:49:37 -1994"
      })
  void year_thatIsNotFourDigits_isNoDate(String text) {
    assertThat(HttpDate.parse(text)).isEmpty();
  }

  @Test
  void longValue_isNotLookedAt() {
    assertThat(HttpDate.parse(" ".repeat(64) + "Sun, 06 Nov 1994 08:49:37 GMT")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 784111777000L, 1000, -1000, -62135596800000L, 253402300799000L})
  void writtenDate_readsBack(long millis) {
    assertThat(HttpDate.parse(HttpDate.format(millis))).hasValue(millis);
  }

  /** Names of days and months come from the platform's locale data. */
  @Test
  void everyDayOfAYear_isWrittenInTheNamesOfTheRfc_andReadBack() {
    for (int day = 0; day < 366; day++) {
      long millis = Instant.parse("2024-01-01T12:00:00Z").plus(day, DAYS).toEpochMilli();
      assertThat(HttpDate.format(millis))
          .matches(
              "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} "
                  + "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 2024 12:00:00 GMT");
      assertThat(HttpDate.parse(HttpDate.format(millis))).hasValue(millis);
    }
  }

  @Test
  void writtenDate_hasThePreferredForm_whateverTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(HttpDate.format(784111777999L)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    } finally {
      Locale.setDefault(before);
    }
  }

  /** CK18: a clock far off still makes a field that is 29 bytes long. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "9223372036854775807 | Fri, 31 Dec 9999 23:59:59 GMT",
        "253402300800000 | Fri, 31 Dec 9999 23:59:59 GMT",
        "-9223372036854775808 | Sat, 01 Jan 0000 00:00:00 GMT"
      })
  void timeOutsideFourDigitYears_isClamped(long millis, String expected) {
    assertThat(HttpDate.format(millis)).isEqualTo(expected);
  }
}
