package dev.millrace.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Numbers with a unit, as an operator writes them: {@code 64MiB}, {@code 30s}. */
final class Quantity {
  private static final Map<String, Long> BYTE_UNITS =
      Map.of(
          "", 1L,
          "B", 1L,
          "kB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "TB", 1_000_000_000_000L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "TiB", 1L << 40);

  private static final Map<String, Long> MILLI_UNITS =
      Map.of("", 1_000L, "ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private Quantity() {}

  /** Reads {@code 1024}, {@code 8KiB}, {@code 10 GB}. */
  static long parseBytes(String text) throws BadValueException {
    return parse(
        text, BYTE_UNITS, "a size in bytes such as 1024, 8KiB or 100GiB (B, kB to TB, KiB to TiB)");
  }

  /** Reads {@code 10} (seconds), {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}. */
  static Duration parseDuration(String text) throws BadValueException {
    return Duration.ofMillis(
        parse(text, MILLI_UNITS, "a duration such as 10 (seconds), 250ms, 30s, 5m, 2h or 7d"));
  }

  /** The shortest exact spelling with a binary unit. */
  static String formatBytes(long bytes) {
    SequencedMap<String, Long> units = new LinkedHashMap<>();
    units.put("TiB", 1L << 40);
    units.put("GiB", 1L << 30);
    units.put("MiB", 1L << 20);
    units.put("KiB", 1L << 10);
    return format(bytes, units, "");
  }

  /** The shortest exact spelling. */
  static String formatDuration(Duration duration) {
    SequencedMap<String, Long> units = new LinkedHashMap<>();
    units.put("d", 86_400_000L);
    units.put("h", 3_600_000L);
    units.put("m", 60_000L);
    units.put("s", 1_000L);
    return format(duration.toMillis(), units, "ms");
  }

  private static String format(long value, SequencedMap<String, Long> units, String smallest) {
    if (value == 0) {
      return "0";
    }
    for (Map.Entry<String, Long> unit : units.entrySet()) {
      if (value % unit.getValue() == 0) {
        return value / unit.getValue() + unit.getKey();
      }
    }
    return value + smallest;
  }

  private static long parse(String text, Map<String, Long> units, String what)
      throws BadValueException {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    Long factor = units.get(text.substring(digits).strip());
    if (digits == 0 || factor == null) {
      throw new BadValueException("\"" + text + "\" is not " + what);
    }
    try {
      return Math.multiplyExact(Long.parseLong(text.substring(0, digits)), factor);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new BadValueException("\"" + text + "\" is too large");
    }
  }
}
