package dev.millrace.artifact;

import static dev.millrace.artifact.Preconditions.Verdict.FAILED;
import static dev.millrace.artifact.Preconditions.Verdict.NOT_MODIFIED;
import static dev.millrace.artifact.Preconditions.Verdict.PROCEED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.Preconditions.Verdict;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions against a representation, as RFC 9110 §13 wants them. In the tables - is no field. */
final class PreconditionsTest {
  private static final String BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
  private static final String MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
  private static final String AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";
  private static final String FUTURE = "Fri, 31 Dec 9999 23:59:59 GMT";

  private static Preconditions ifMatch(@Nullable String value) {
    return new Preconditions(value, null, null, null, null);
  }

  private static Preconditions ifNoneMatch(@Nullable String value) {
    return new Preconditions(null, value, null, null, null);
  }

  private static Preconditions ifModifiedSince(@Nullable String value) {
    return new Preconditions(null, null, value, null, null);
  }

  private static Preconditions ifUnmodifiedSince(@Nullable String value) {
    return new Preconditions(null, null, null, value, null);
  }

  private static Preconditions ifRange(@Nullable String value) {
    return new Preconditions(null, null, null, null, value);
  }

  private static @Nullable String date(String word) {
    return switch (word) {
      case "before" -> BEFORE;
      case "modified" -> MODIFIED;
      case "after" -> AFTER;
      case "future" -> FUTURE;
      case "-" -> null;
      default -> word;
    };
  }

  private static @Nullable String field(String text) {
    return text.equals("-") ? null : text;
  }

  @Test
  void noCondition_proceeds() {
    assertThat(Preconditions.NONE.evaluate(null, null)).isEqualTo(PROCEED);
    assertThat(Preconditions.NONE.evaluate("\"a\"", MODIFIED)).isEqualTo(PROCEED);
    assertThat(Preconditions.NONE.allowsRange(null, null)).isTrue();
  }

  /** CK11: weak comparison. */
  @ParameterizedTest(name = "If-None-Match: {0} against {1}: {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"a\"               | \"a\"   | NOT_MODIFIED",
        "W/\"a\"             | \"a\"   | NOT_MODIFIED",
        "\"a\"               | W/\"a\" | NOT_MODIFIED",
        "W/\"a\"             | W/\"a\" | NOT_MODIFIED",
        "\"b\", \"a\"        | \"a\"   | NOT_MODIFIED",
        "\"b\",\"a\",W/\"c\" | W/\"c\" | NOT_MODIFIED",
        ", \"b\" ,, \"a\" ,  | \"a\"   | NOT_MODIFIED",
        "\t\"a\"             | \"a\"   | NOT_MODIFIED",
        "*                   | \"a\"   | NOT_MODIFIED",
        "*                   | -       | NOT_MODIFIED",
        "\"a,b\"             | \"a,b\" | NOT_MODIFIED",
        "\"x\", \"a,b\"      | \"a,b\" | NOT_MODIFIED",
        "\"\"                | \"\"    | NOT_MODIFIED",
        "\"a b\"             | \"a b\" | NOT_MODIFIED",
        "\"b\"               | \"a\"   | PROCEED",
        "\"A\"               | \"a\"   | PROCEED",
        "\"a,b\"             | \"b\"   | PROCEED",
        "\"a,b\"             | \"a\"   | PROCEED",
        "\"a\"               | -       | PROCEED",
        "W/\"\"              | \"a\"   | PROCEED"
      })
  void ifNoneMatch_comparesWeakly(String value, String etag, Verdict expected) {
    assertThat(ifNoneMatch(value).evaluate(field(etag), null)).isEqualTo(expected);
  }

  /** CK11: strong comparison. */
  @ParameterizedTest(name = "If-Match: {0} against {1}: {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"a\"               | \"a\"   | PROCEED",
        "\"b\", \"a\"        | \"a\"   | PROCEED",
        "W/\"a\", \"a\"      | \"a\"   | PROCEED",
        "*                   | \"a\"   | PROCEED",
        "*                   | W/\"a\" | PROCEED",
        "*                   | -       | PROCEED",
        "\"a,b\"             | \"a,b\" | PROCEED",
        "W/\"a\"             | \"a\"   | FAILED",
        "\"a\"               | W/\"a\" | FAILED",
        "W/\"a\"             | W/\"a\" | FAILED",
        "\"b\"               | \"a\"   | FAILED",
        "\"a,b\"             | \"a\"   | FAILED",
        "\"a\"               | -       | FAILED",
        ",                   | \"a\"   | FAILED"
      })
  void ifMatch_comparesStrongly(String value, String etag, Verdict expected) {
    assertThat(ifMatch(value).evaluate(field(etag), null)).isEqualTo(expected);
  }

  /** No tag is read out of what is not a list of tags. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a",
        "\"a",
        "a\"",
        "x\"a\"",
        "\"a\"x",
        "\"a\"\"b\"",
        "\"a\" \"b\"",
        "w/\"a\"",
        "W\"a\"",
        "W/ \"a\"",
        "/\"a\"",
        "\"a\", *",
        "*, \"a\"",
        "**",
        "\"a\", b",
        "'a'"
      })
  void malformedList_namesNoTag(String value) {
    assertThat(ifNoneMatch(value).evaluate("\"a\"", null)).isEqualTo(PROCEED);
    assertThat(ifMatch(value).evaluate("\"a\"", null)).isEqualTo(FAILED);
  }

  /** CK11: a date in the future is a date like any other (RFC 9110 §13.1.3). */
  @ParameterizedTest(name = "If-Modified-Since: {0} against {1}: {2}")
  @CsvSource({
    "before, modified, PROCEED",
    "modified, modified, NOT_MODIFIED",
    "after, modified, NOT_MODIFIED",
    "future, modified, NOT_MODIFIED",
    "future, -, PROCEED",
    "modified, nonsense, PROCEED",
    "nonsense, modified, PROCEED",
    "0, modified, PROCEED",
    "'Sun, 06 Nov +999999999 08:49:37 GMT', modified, PROCEED"
  })
  void ifModifiedSince_comparesDates(String since, String lastModified, Verdict expected) {
    assertThat(ifModifiedSince(date(since)).evaluate("\"a\"", date(lastModified)))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "If-Unmodified-Since: {0} against {1}: {2}")
  @CsvSource({
    "before, modified, FAILED",
    "modified, modified, PROCEED",
    "after, modified, PROCEED",
    "future, modified, PROCEED",
    "before, -, PROCEED",
    "nonsense, modified, PROCEED",
    "before, nonsense, PROCEED"
  })
  void ifUnmodifiedSince_comparesDates(String since, String lastModified, Verdict expected) {
    assertThat(ifUnmodifiedSince(date(since)).evaluate("\"a\"", date(lastModified)))
        .isEqualTo(expected);
  }

  /** RFC 9110 §13.2.2: tags hide dates, and what fails comes before what is not modified. */
  @ParameterizedTest(name = "{0} {1} {2} {3}: {4}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"a\" | -     | -        | before   | PROCEED",
        "\"b\" | -     | -        | after    | FAILED",
        "-     | \"b\" | after    | -        | PROCEED",
        "-     | \"a\" | before   | -        | NOT_MODIFIED",
        "\"a\" | \"a\" | -        | -        | NOT_MODIFIED",
        "\"b\" | \"a\" | -        | -        | FAILED",
        "\"a\" | \"b\" | after    | before   | PROCEED",
        "\"a\" | -     | modified | -        | NOT_MODIFIED",
        "-     | \"a\" | -        | before   | FAILED",
        "-     | -     | modified | modified | NOT_MODIFIED",
        "-     | -     | modified | before   | FAILED",
        "-     | x     | after    | -        | PROCEED",
        "-     | ''    | after    | -        | PROCEED"
      })
  void conditions_areEvaluatedInTheOrderOfTheRfc(
      String match, String noneMatch, String since, String unmodified, Verdict expected) {
    Preconditions conditions =
        new Preconditions(
            field(match), field(noneMatch), date(since), date(unmodified), "\"other\"");

    assertThat(conditions.evaluate("\"a\"", MODIFIED)).isEqualTo(expected);
  }

  /** CK10. */
  @ParameterizedTest(name = "If-Range: {0} against {1} {2}: {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"a\"          | \"a\"   | modified | true",
        "~ \"a\" ~      | \"a\"   | modified | true",
        "\"old\"        | \"a\"   | modified | false",
        "W/\"a\"        | \"a\"   | modified | false",
        "W/\"a\"        | W/\"a\" | modified | false",
        "\"a\"          | W/\"a\" | modified | false",
        "\"a\"          | -       | modified | false",
        "\"a\", \"b\"   | \"a\"   | modified | false",
        "*              | \"a\"   | modified | false",
        "a              | a       | modified | false",
        "modified       | \"a\"   | modified | true",
        "modified       | -       | modified | true",
        "before         | \"a\"   | modified | false",
        "after          | \"a\"   | modified | false",
        "future         | \"a\"   | modified | false",
        "modified       | \"a\"   | -        | false",
        "nonsense       | \"a\"   | nonsense | false",
        "~~             | \"a\"   | modified | false"
      })
  void ifRange_wantsTheSameStrongValidator(
      String value, String etag, String lastModified, boolean allowed) {
    assertThat(ifRange(date(value)).allowsRange(field(etag), date(lastModified)))
        .isEqualTo(allowed);
  }

  @Test
  void ifRange_takesNoPartInTheVerdict() {
    assertThat(ifRange("\"old\"").evaluate("\"a\"", MODIFIED)).isEqualTo(PROCEED);
  }

  @Test
  void longListOfTags_isReadInOnePass() {
    String list = "\"x\", ".repeat(20_000) + "\"a\"";

    assertThat(ifNoneMatch(list).evaluate("\"a\"", null)).isEqualTo(NOT_MODIFIED);
    assertThat(ifMatch("W/".repeat(20_000)).evaluate("\"a\"", null)).isEqualTo(FAILED);
  }
}
