package dev.millrace.bench.rig;

import dev.millrace.bench.rig.LoadResult.Fetch;
import dev.millrace.bench.rig.LoadResult.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Adds up what the connections of a load saw.
 *
 * <p>Threading: confined to the loop of the load.
 */
final class LoadTally {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(30);
  private static final int DIGITS = 3;

  private final boolean detail;
  private final Histogram firstByte = new Histogram(LONGEST_NANOS, DIGITS);
  private final Histogram total = new Histogram(LONGEST_NANOS, DIGITS);
  private final List<Fetch> fetches = new ArrayList<>();
  private long requests;
  private long failed;
  private long bodyBytes;
  private long lastNanos;

  LoadTally(boolean detail) {
    this.detail = detail;
  }

  /** Adds one answer that ended at {@code nowNanos}. */
  void add(Fetch fetch, long nowNanos) {
    lastNanos = Math.max(lastNanos, nowNanos);
    bodyBytes += fetch.bytes();
    if (fetch.complete() && fetch.status() < 300) {
      requests++;
      total.recordValue(Math.min(LONGEST_NANOS, fetch.times().totalNanos()));
    } else {
      failed++;
    }
    if (fetch.times().firstByteNanos() >= 0) {
      firstByte.recordValue(Math.min(LONGEST_NANOS, fetch.times().firstByteNanos()));
    }
    if (detail && fetches.size() < LoadOrder.FETCHES_MAX) {
      fetches.add(fetch);
    }
  }

  LoadResult result(long startNanos) {
    return new LoadResult(
        Math.max(0, lastNanos - startNanos),
        requests,
        failed,
        bodyBytes,
        latency(firstByte),
        latency(total),
        List.copyOf(fetches));
  }

  private static Latency latency(Histogram times) {
    return new Latency(
        times.getTotalCount(),
        times.getValueAtPercentile(50) / 1e6,
        times.getValueAtPercentile(99) / 1e6,
        times.getMaxValue() / 1e6);
  }
}
