package dev.millrace.bench.scenario;

/** Byte counts as people write them. */
public final class Sizes {
  private Sizes() {}

  /** Such as {@code 64 KiB}. */
  public static String of(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB"};
    long value = bytes;
    int unit = 0;
    while (unit < units.length - 1 && value >= 1024 && value % 1024 == 0) {
      value /= 1024;
      unit++;
    }
    return value + " " + units[unit];
  }
}
