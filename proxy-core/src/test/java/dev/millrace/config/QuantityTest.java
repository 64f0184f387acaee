package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes and durations are read strictly and written shortly. */
final class QuantityTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1, 1, 1",
    "1024, 1024, 1KiB",
    "1536, 1536, 1536",
    "8KiB, 8192, 8KiB",
    "10 GB, 10000000000, 9765625KiB",
    "7B, 7, 7",
    "2TiB, 2199023255552, 2TiB",
    "9223372036854775807, 9223372036854775807, 9223372036854775807"
  })
  void size_isReadAndWritten(String text, long bytes, String shortest) throws Exception {
    assertThat(Quantity.parseBytes(text)).isEqualTo(bytes);
    assertThat(Quantity.formatBytes(bytes)).isEqualTo(shortest);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "10, 10000, 10s",
    "250ms, 250, 250ms",
    "60s, 60000, 1m",
    "90s, 90000, 90s",
    "2h, 7200000, 2h",
    "7d, 604800000, 7d"
  })
  void duration_isReadAndWritten(String text, long millis, String shortest) throws Exception {
    assertThat(Quantity.parseDuration(text)).isEqualTo(Duration.ofMillis(millis));
    assertThat(Quantity.formatDuration(Duration.ofMillis(millis))).isEqualTo(shortest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "0x10",
        "1k",
        "1kib",
        "KiB",
        "1 Ki B",
        "٣",
        "1_000",
        "1KiB2",
        "9223372036854775808",
        "9007199254740993KiB"
      })
  void size_inAnyOtherForm_isRefused(String text) {
    assertThatThrownBy(() -> Quantity.parseBytes(text)).isInstanceOf(BadValueException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5s", "1 day", "s", "1S", "1m30s", "PT10S", "106751991168d"})
  void duration_inAnyOtherForm_isRefused(String text) {
    assertThatThrownBy(() -> Quantity.parseDuration(text)).isInstanceOf(BadValueException.class);
  }
}
