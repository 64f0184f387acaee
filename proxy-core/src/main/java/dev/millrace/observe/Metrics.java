package dev.millrace.observe;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Everything that is counted, with one method for each thing that can happen.
 *
 * <p>Labels come from closed enums and from the configured remotes, never from a request, so that
 * no client can make the number of time series grow.
 *
 * <p>Units: bytes and nanoseconds in, bytes and seconds out.
 *
 * <p>Limits: remotes by {@link dev.millrace.config.Limits#REMOTES_MAX}.
 *
 * <p>Threading: thread-safe; counting takes no lock, looks nothing up and allocates nothing.
 */
public final class Metrics {
  private static final double NANOS = 1e9;
  private static final double[] SECONDS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };

  // First, because the counters below are made in it.
  private final PrometheusRegistry registry = new PrometheusRegistry();

  private final EnumCounters<Outcome> requests =
      byOutcome("millrace_requests", "Finished requests.");
  private final EnumCounters<Outcome> sentBytes =
      byOutcome("millrace_sent_bytes", "Body bytes sent to clients.");
  private final EnumCounters<Refusal> refusals = refusals();
  private final EnumCounters<FetchFailure> failures = failures();
  private final EnumCounters<Unrewritten> unrewritten = unrewritten();
  private final CounterDataPoint fetches =
      plain("millrace_fetches", "Requests sent to upstreams, retries and redirects too.");
  private final CounterDataPoint upstreamBytes =
      plain("millrace_upstream_bytes", "Body bytes received from upstreams.");
  private final CounterDataPoint connectionsRefused =
      plain("millrace_connections_refused", "Connections closed before a request was read.");
  private final DistributionDataPoint firstByte =
      seconds(
          "millrace_first_byte_seconds",
          "From the whole request head to the first byte of the answer.");
  private final DistributionDataPoint upstreamHead =
      seconds(
          "millrace_upstream_head_seconds",
          "From the request to an upstream to its whole response head.");
  private final Map<String, RemoteMetrics> remotes = new HashMap<>();

  /**
   * Metrics of their own, apart from any other in the process.
   *
   * @param remoteNames the configured remotes
   */
  public Metrics(Collection<String> remoteNames) {
    remotes(remoteNames);
  }

  /**
   * A request has ended.
   *
   * @param bytes body bytes that were sent
   */
  public void requestFinished(Outcome outcome, long bytes) {
    requests.add(outcome, 1);
    sentBytes.add(outcome, bytes);
  }

  /** An index was passed on as it came. */
  public void indexUnrewritten(Unrewritten reason) {
    unrewritten.add(reason, 1);
  }

  /** The first byte of an answer left, this long after the request was read. */
  public void firstByteSent(long nanos) {
    firstByte.observe(nanos / NANOS);
  }

  /** Millrace refused a request. */
  public void refused(Refusal refusal) {
    refusals.add(refusal, 1);
  }

  /** A connection was closed before any request of it was read. */
  public void connectionRefused() {
    connectionsRefused.inc();
  }

  /** A request is sent to an upstream. */
  public void fetchStarted() {
    fetches.inc();
  }

  /** An upstream's response head is whole, this long after the request. */
  public void upstreamHeadReceived(long nanos) {
    upstreamHead.observe(nanos / NANOS);
  }

  /** Body bytes came from an upstream. */
  public void upstreamBytes(long bytes) {
    upstreamBytes.inc(bytes);
  }

  /** A fetch broke. */
  public void fetchFailed(FetchFailure failure) {
    failures.add(failure, 1);
  }

  /**
   * The counters of one remote; look them up once and keep them.
   *
   * <p>Errors: a name that is not configured is a programmer's error.
   */
  public RemoteMetrics remote(String name) {
    RemoteMetrics found = remotes.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no remote " + name);
    }
    return found;
  }

  /**
   * Tells where a value can be read; it is read whenever someone asks for the metrics.
   *
   * <p>Errors: a second source for the same reading is refused.
   */
  public void read(Reading reading, DoubleSupplier source) {
    switch (reading.kind()) {
      case GAUGE ->
          GaugeWithCallback.builder()
              .name(reading.metric())
              .help(reading.help())
              .callback(callback -> callback.call(source.getAsDouble()))
              .register(registry);
      case COUNTER ->
          CounterWithCallback.builder()
              .name(reading.metric())
              .help(reading.help())
              .callback(callback -> callback.call(source.getAsDouble()))
              .register(registry);
    }
  }

  PrometheusRegistry registry() {
    return registry;
  }

  private void remotes(Collection<String> names) {
    Counter requestsByRemote =
        counter("millrace_remote_requests", "Finished requests of a remote.", "remote", "source");
    Counter sentByRemote =
        counter("millrace_remote_sent_bytes", "Body bytes sent for a remote.", "remote", "source");
    Counter fetchesByRemote =
        counter("millrace_remote_fetches", "Requests sent to a remote's upstream.", "remote");
    Counter failuresByRemote =
        counter(
            "millrace_remote_fetch_failures",
            "Fetches of a remote that gave no whole answer.",
            "remote");
    Counter bytesByRemote =
        counter(
            "millrace_remote_upstream_bytes",
            "Body bytes received from a remote's upstream.",
            "remote");
    for (String name : names) {
      remotes.put(
          name,
          new RemoteMetrics(
              bySource(requestsByRemote, name),
              bySource(sentByRemote, name),
              fetchesByRemote.labelValues(name),
              failuresByRemote.labelValues(name),
              bytesByRemote.labelValues(name)));
    }
  }

  private static EnumCounters<Source> bySource(Counter counter, String remote) {
    return new EnumCounters<>(Source.class, value -> counter.labelValues(remote, value.label()));
  }

  private EnumCounters<Outcome> byOutcome(String name, String help) {
    Counter counter = counter(name, help, "outcome");
    return new EnumCounters<>(Outcome.class, value -> counter.labelValues(value.label()));
  }

  private EnumCounters<Refusal> refusals() {
    Counter counter =
        counter("millrace_refusals", "Requests that Millrace itself refused.", "reason");
    return new EnumCounters<>(Refusal.class, value -> counter.labelValues(value.label()));
  }

  private EnumCounters<FetchFailure> failures() {
    Counter counter =
        counter("millrace_fetch_failures", "Fetches that gave no whole answer.", "reason");
    return new EnumCounters<>(FetchFailure.class, value -> counter.labelValues(value.label()));
  }

  private EnumCounters<Unrewritten> unrewritten() {
    Counter counter =
        counter("millrace_indexes_unrewritten", "Indexes passed on as they came.", "reason");
    return new EnumCounters<>(Unrewritten.class, value -> counter.labelValues(value.label()));
  }

  private CounterDataPoint plain(String name, String help) {
    return counter(name, help).labelValues();
  }

  private Counter counter(String name, String help, String... labelNames) {
    Counter.Builder builder = Counter.builder().name(name).help(help).labelNames(labelNames);
    return builder.withoutExemplars().register(registry);
  }

  private DistributionDataPoint seconds(String name, String help) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(SECONDS)
        .withoutExemplars()
        .register(registry)
        .labelValues();
  }
}
