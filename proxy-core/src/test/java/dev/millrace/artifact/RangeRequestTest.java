package dev.millrace.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.artifact.RangeRequest.Resolved;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One range is understood; whatever is odd asks for the whole (RFC 9110 §14). */
final class RangeRequestTest {
  private static final long LAST = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 0",
    "bytes=0-499, 0, 499",
    "bytes=500-500, 500, 500",
    "bytes=9500-, 9500, 9223372036854775807",
    "BYTES=1-2, 1, 2",
    "Bytes=1-2, 1, 2",
    "bytes=007-0010, 7, 10",
    "bytes=0-9223372036854775807, 0, 9223372036854775807",
    "bytes=9223372036854775806-9223372036854775807, 9223372036854775806, 9223372036854775807"
  })
  void span_isReadWithBothEnds(String field, long first, long last) {
    assertThat(RangeRequest.parse(field)).isEqualTo(new RangeRequest.Span(first, last));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "L06, bytes=0-9223372036854775808",
    "L06, bytes=0-18446744073709551616",
    "L06, bytes=0-99999999999999999999999999999999999999999999"
  })
  void lastByteOver63Bits_saturates(String id, String field) {
    assertThat(RangeRequest.parse(field)).as(id).isEqualTo(new RangeRequest.Span(0, LAST));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "L06, bytes=9223372036854775808-",
    "L06, bytes=18446744073709551616-18446744073709551617",
    "L06, bytes=18446744073709551615-"
  })
  void firstByteOver63Bits_isNeverInside(String id, String field) {
    assertThat(RangeRequest.parse(field).resolve(LAST))
        .as(id)
        .isEqualTo(new Resolved.Unsatisfiable());
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=-1, 1",
    "bytes=-500, 500",
    "bytes=-0, 0",
    "bytes=-000, 0",
    "bytes=-18446744073709551616, 9223372036854775807"
  })
  void suffix_isReadAsACount(String field, long count) {
    assertThat(RangeRequest.parse(field)).isEqualTo(new RangeRequest.Suffix(count));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes= ",
        "bytes=-",
        "bytes=--1",
        "bytes=-1-",
        "bytes=1--2",
        "bytes=1",
        "bytes=a-b",
        "bytes=1-b",
        "bytes=a-1",
        "bytes=0x1-0x2",
        "bytes=+1-2",
        "bytes=1-+2",
        "bytes=1.0-2",
        "bytes=1 -2",
        "bytes=1- 2",
        "bytes=1_0-20",
        "bytes=\u0661-\u0662",
        " bytes=0-1",
        "bytes= 0-1",
        "bytes=0-1 ",
        "bytes=0-1\u001c",
        "bytes =0-1",
        "bytes:0-1",
        "byte=0-1",
        "bytesx=0-1",
        "items=0-1",
        "none",
        "bytes=5-4",
        "bytes=18446744073709551616-5",
        "bytes=0-1,2-3",
        "bytes=0-,5-",
        "bytes=0-0,-1",
        "bytes=-1,0-0",
        "bytes=,0-1",
        "bytes=0-1,"
      })
  void anythingElse_asksForTheWhole(String field) {
    assertThat(RangeRequest.parse(field)).isEqualTo(new RangeRequest.Whole());
    assertThat(RangeRequest.parse(field).resolve(10)).isEqualTo(new Resolved.Whole());
  }

  @Test
  void noField_asksForTheWhole() {
    assertThat(RangeRequest.parse(null)).isEqualTo(new RangeRequest.Whole());
  }

  /** L05. */
  @Test
  void thousandRanges_askForTheWhole() {
    String list =
        IntStream.range(0, 1000)
            .mapToObj(i -> 2 * i + "-" + 2 * i)
            .collect(Collectors.joining(",", "bytes=", ""));

    assertThat(RangeRequest.parse(list)).isEqualTo(new RangeRequest.Whole());
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 10, 0, 0",
    "bytes=0-9, 10, 0, 9",
    "bytes=0-10, 10, 0, 9",
    "bytes=9-, 10, 9, 9",
    "bytes=9-9223372036854775807, 10, 9, 9",
    "bytes=3-, 10, 3, 9",
    "bytes=-1, 10, 9, 9",
    "bytes=-10, 10, 0, 9",
    "bytes=-11, 10, 0, 9",
    "bytes=-9223372036854775807, 10, 0, 9",
    "bytes=0-, 9223372036854775807, 0, 9223372036854775806",
    "bytes=-1, 1, 0, 0"
  })
  void range_thatMeetsTheBody_isCutToIt(String field, long length, long first, long last) {
    Resolved resolved = RangeRequest.parse(field).resolve(length);

    assertThat(resolved).isEqualTo(new Resolved.Part(first, last));
    assertThat(((Resolved.Part) resolved).count()).isEqualTo(last - first + 1);
  }

  @ParameterizedTest(name = "{0} {1} of {2}")
  @CsvSource({
    "past, bytes=10-, 10",
    "past, bytes=10-20, 10",
    "past, bytes=11-, 10",
    "L08, bytes=-0, 10",
    "L08, bytes=-0, 0",
    "empty, bytes=0-, 0",
    "empty, bytes=0-0, 0"
  })
  void range_pastTheEnd_isUnsatisfiable(String id, String field, long length) {
    assertThat(RangeRequest.parse(field).resolve(length))
        .as(id)
        .isEqualTo(new Resolved.Unsatisfiable());
  }

  /** A suffix is satisfiable even then (RFC 9110 §14.1.2), but no 206 can say it. */
  @Test
  void suffix_ofAnEmptyBody_isTheWhole() {
    assertThat(RangeRequest.parse("bytes=-5").resolve(0)).isEqualTo(new Resolved.Whole());
  }
}
