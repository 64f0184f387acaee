package dev.millrace.node;

import dev.millrace.catalog.Catalog;
import dev.millrace.config.Settings;
import dev.millrace.coordinate.NegativeCache;
import dev.millrace.exchange.Exchanges;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.Fill;
import dev.millrace.fill.FillEvents;
import dev.millrace.fill.FillTable;
import dev.millrace.observe.FetchFailure;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.Reading;
import dev.millrace.observe.RequestLog;
import dev.millrace.origin.OriginEvents;
import dev.millrace.serve.HotBodies;
import dev.millrace.server.HttpServer;
import dev.millrace.store.BlobStore;
import dev.millrace.store.StoreCounters;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * Brings what the parts count to the metrics.
 *
 * <p>Threading: thread-safe, as the counters are.
 */
final class NodeMetrics implements FillEvents, OriginEvents {
  private final Metrics metrics;
  private final AtomicLong originConnections = new AtomicLong();
  private final LongAdder digestMismatches = new LongAdder();
  private final LongAdder resumes = new LongAdder();
  private final LongAdder segments = new LongAdder();
  private final LongAdder degraded = new LongAdder();
  private final LongAdder staleRetries = new LongAdder();
  private final LongAdder circuits = new LongAdder();
  private final LongAdder redirects = new LongAdder();
  private final LongAdder poolWaits = new LongAdder();

  NodeMetrics(Metrics metrics) {
    this.metrics = metrics;
    metrics.read(Reading.ORIGIN_CONNECTIONS, originConnections::get);
    metrics.read(Reading.ORIGIN_WAITS, poolWaits::sum);
    metrics.read(Reading.ORIGIN_STALE_RETRIES, staleRetries::sum);
    metrics.read(Reading.ORIGIN_CIRCUITS, circuits::sum);
    metrics.read(Reading.ORIGIN_REDIRECTS, redirects::sum);
    metrics.read(Reading.DIGEST_MISMATCHES, digestMismatches::sum);
    metrics.read(Reading.FILLS_RESUMED, resumes::sum);
    metrics.read(Reading.FILLS_SEGMENTS, segments::sum);
    metrics.read(Reading.FILLS_DEGRADED, degraded::sum);
  }

  void readCatalog(Catalog catalog) {
    metrics.read(Reading.CATALOG_OUT, () -> catalog.counters().out() ? 1 : 0);
    metrics.read(Reading.CATALOG_LOSSES, () -> catalog.counters().losses());
    metrics.read(Reading.CATALOG_BUSY, () -> catalog.counters().busyConnections());
    metrics.read(Reading.CATALOG_WAITING, () -> catalog.counters().waiting());
  }

  void readStore(BlobStore store, Settings settings) {
    readStore(store, Reading.STORE_BYTES, StoreCounters::usedBytes);
    readStore(store, Reading.STORE_RESERVED, StoreCounters::reservedBytes);
    readStore(store, Reading.OPEN_FILES, StoreCounters::openFiles);
    readStore(store, Reading.INDEX_ENTRIES, StoreCounters::indexEntries);
    readStore(store, Reading.COMMITS, StoreCounters::commits);
    readStore(store, Reading.COMMIT_FAILURES, StoreCounters::commitFailures);
    readStore(store, Reading.COMMIT_ROUNDS, StoreCounters::commitRounds);
    readStore(store, Reading.EVICTIONS, StoreCounters::evictions);
    readStore(store, Reading.EVICTED_BYTES, StoreCounters::evictedBytes);
    readStore(store, Reading.HEALED, StoreCounters::healed);
    readStore(store, Reading.ORPHANS_REMOVED, StoreCounters::orphansRemoved);
    readStore(store, Reading.ACCESSES_DROPPED, StoreCounters::accessDrops);
    readStore(store, Reading.UNKNOWN_FILES, StoreCounters::unknownFiles);
    readStore(store, Reading.UNLINK_FAILURES, StoreCounters::unlinkFailures);
    readStore(store, Reading.REFRESHES_DROPPED, StoreCounters::refreshDrops);
    readStore(store, Reading.SPOOL_KEPT, StoreCounters::keptBytes);
    readStore(store, Reading.RECOVERY_DONE, counters -> counters.recoveryDone() ? 1 : 0);
    metrics.read(Reading.STORE_QUOTA, settings::diskQuotaBytes);
  }

  private void readStore(BlobStore store, Reading reading, ToLongFunction<StoreCounters> counter) {
    metrics.read(reading, () -> counter.applyAsLong(store.counters()));
  }

  void readFills(FillTable fills, BodyBudget budget, NegativeCache negative) {
    metrics.read(Reading.FILLS, fills::count);
    metrics.read(Reading.READERS, () -> fills.running().stream().mapToInt(Fill::readerCount).sum());
    metrics.read(Reading.BODY_MEMORY_BUDGET, budget::maxBytes);
    metrics.read(Reading.BODY_MEMORY_USED, budget::usedBytes);
    metrics.read(Reading.BODY_MEMORY_PEAK, budget::peakBytes);
    metrics.read(Reading.BODY_MEMORY_WAITS, budget::waits);
    metrics.read(Reading.NEGATIVE_ENTRIES, negative::count);
  }

  void readHotBodies(HotBodies hot) {
    metrics.read(Reading.HOT_BODIES, hot::bytes);
  }

  void readServer(HttpServer server, Exchanges exchanges, RequestLog log) {
    metrics.read(Reading.CONNECTION_FAULTS, exchanges::connectionFaults);
    metrics.read(Reading.SLOW_CLIENTS, exchanges::slowClients);
    metrics.read(Reading.ACCEPT_FAULTS, exchanges::acceptFaults);
    metrics.read(Reading.CONNECTIONS, server::connectionCount);
    metrics.read(Reading.LOG_LINES_DROPPED, log::droppedLines);
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
      metrics.read(Reading.NETTY_DIRECT, () -> allocator.metric().usedDirectMemory());
    }
  }

  @Override
  public void headReceived(long nanos) {
    metrics.upstreamHeadReceived(nanos);
  }

  @Override
  public void fillFailed(FetchFailure reason) {
    switch (reason) {
      case DIGEST_MISMATCH,
          LENGTH_MISMATCH,
          RANGE_MISMATCH,
          CHANGED,
          STORAGE,
          ABANDONED,
          SHUTDOWN,
          INTERNAL ->
          metrics.fetchFailed(reason);
      case DNS,
          REFUSED,
          DIAL_TIMEOUT,
          TLS_TIMEOUT,
          TLS,
          TUNNEL,
          POOL_EXHAUSTED,
          CIRCUIT_OPEN,
          HEAD_TIMEOUT,
          IDLE_TIMEOUT,
          TOO_SLOW,
          RESET,
          CLOSED_EARLY,
          BAD_MESSAGE,
          EXTRA_BYTES,
          HEAD_TOO_LARGE,
          TOO_MANY_REDIRECTS,
          REDIRECT_REFUSED,
          TOKEN_REFUSED,
          TOKEN_UNAVAILABLE -> {
        // The upstream client has counted it where it happened.
      }
    }
  }

  @Override
  public void resumed() {
    resumes.increment();
  }

  @Override
  public void segmentFetched() {
    segments.increment();
  }

  @Override
  public void digestMismatch() {
    digestMismatches.increment();
  }

  @Override
  public void commitFailed() {
    // The store counts it with its reason.
  }

  @Override
  public void degradedToRelay() {
    degraded.increment();
  }

  @Override
  public void requestSent(String remote) {
    metrics.fetchStarted();
    metrics.remote(remote).fetchStarted();
  }

  @Override
  public void connectionOpened(String remote) {
    originConnections.incrementAndGet();
  }

  @Override
  public void connectionClosed(String remote) {
    originConnections.decrementAndGet();
  }

  @Override
  public void poolWait(String remote) {
    poolWaits.increment();
  }

  @Override
  public void staleRetry(String remote) {
    staleRetries.increment();
  }

  @Override
  public void circuitOpened(String remote) {
    circuits.increment();
  }

  @Override
  public void redirected(String remote) {
    redirects.increment();
  }

  @Override
  public void received(String remote, int bytes) {
    metrics.upstreamBytes(bytes);
    metrics.remote(remote).upstreamBytes(bytes);
  }

  @Override
  public void failed(String remote, FetchFailure reason) {
    metrics.fetchFailed(reason);
    metrics.remote(remote).fetchFailed();
  }
}
