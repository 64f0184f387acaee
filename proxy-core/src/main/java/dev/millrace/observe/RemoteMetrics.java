package dev.millrace.observe;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;

/**
 * The counters of one remote, beside those of the process.
 *
 * <p>Threading: thread-safe; counting takes no lock and allocates nothing.
 */
public final class RemoteMetrics {
  private final EnumCounters<Source> requests;
  private final EnumCounters<Source> sentBytes;
  private final CounterDataPoint fetches;
  private final CounterDataPoint failures;
  private final CounterDataPoint upstreamBytes;

  RemoteMetrics(
      EnumCounters<Source> requests,
      EnumCounters<Source> sentBytes,
      CounterDataPoint fetches,
      CounterDataPoint failures,
      CounterDataPoint upstreamBytes) {
    this.requests = requests;
    this.sentBytes = sentBytes;
    this.fetches = fetches;
    this.failures = failures;
    this.upstreamBytes = upstreamBytes;
  }

  /** A request of this remote has ended after so many body bytes. */
  public void requestFinished(Source source, long bytes) {
    requests.add(source, 1);
    sentBytes.add(source, bytes);
  }

  /** A request is sent to the upstream. */
  public void fetchStarted() {
    fetches.inc();
  }

  /** A fetch broke. */
  public void fetchFailed() {
    failures.inc();
  }

  /** Body bytes came from the upstream. */
  public void upstreamBytes(long bytes) {
    upstreamBytes.inc(bytes);
  }
}
