package dev.millrace.server;

import dev.millrace.artifact.HttpDate;
import java.time.InstantSource;

/** The value of {@code Date}, made once a second. Threading: thread-safe; a race makes it twice. */
final class DateField {
  private final InstantSource clock;
  private volatile Second current = new Second(Long.MIN_VALUE, "");

  private record Second(long second, String text) {}

  DateField(InstantSource clock) {
    this.clock = clock;
  }

  String now() {
    long second = Math.floorDiv(clock.millis(), 1000L);
    Second known = current;
    if (known.second() != second) {
      known = new Second(second, HttpDate.format(second * 1000));
      current = known;
    }
    return known.text();
  }
}
