package dev.millrace.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.OptionalLong;

/** Whatever stands in a field with a date, it is a time or none. */
final class DatesFuzzTest {
  private static final long YEAR_10000 = 253_402_300_800_000L;

  @FuzzTest
  void date_isATimeOrNone(byte[] data) {
    OptionalLong time = HttpDate.parse(new String(data, ISO_8859_1));

    if (time.isPresent()) {
      assertThat(time.getAsLong()).isLessThan(YEAR_10000);
    }
  }

  @FuzzTest
  void wishToWait_isNeverNegative(byte[] data) {
    assertThat(RetryAfter.millis(new String(data, ISO_8859_1), 0)).isNotNegative();
  }
}
