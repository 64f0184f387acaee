package dev.millrace.store;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands until it is moved. It starts in 2100, so that every file is older. */
public final class ManualClock implements InstantSource {
  public static final long START = Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();

  private final AtomicLong now = new AtomicLong(START);

  public void advance(long millis) {
    now.addAndGet(millis);
  }

  public void set(long millis) {
    now.set(millis);
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(now.get());
  }
}
