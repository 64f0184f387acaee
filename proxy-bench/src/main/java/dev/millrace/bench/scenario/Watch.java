package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadOrder;
import dev.millrace.bench.rig.LoadOrder.Naming;
import dev.millrace.bench.rig.LoadResult;
import dev.millrace.bench.rig.MetricsPage;
import dev.millrace.bench.rig.OriginStats;
import dev.millrace.bench.rig.ProcessSample;
import dev.millrace.bench.rig.Rig;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs a load against a peer and says what it cost. */
public final class Watch {
  private static final String ALLOCATED = "millrace_jvm_allocated_bytes_total";
  private static final String GC_SECONDS = "millrace_jvm_gc_seconds_total";
  private static final String GC_RUNS = "millrace_jvm_gc_runs_total";
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LIMIT_MILLIS = TimeUnit.MINUTES.toMillis(4);

  private Watch() {}

  /** An order for that peer. */
  public static LoadOrder order(RunningPeer peer, boolean detail, LoadGroup... groups) {
    RunningPeer.Address at = peer.address();
    return new LoadOrder(
        at.port(), at.prefix(), at.naming(), List.of(groups), LIMIT_MILLIS, detail);
  }

  /** An order for the origin itself. */
  static LoadOrder direct(Rig rig, LoadGroup group) {
    return new LoadOrder(rig.originPort(), "", Naming.PATH, List.of(group), LIMIT_MILLIS, false);
  }

  /** Runs a load that does not count. Errors: unchecked when an answer is not complete. */
  public static LoadResult run(Rig rig, RunningPeer peer, LoadGroup... groups) {
    LoadResult result = rig.run(order(peer, false, groups));
    if (result.failed() > 0) {
      throw new IllegalStateException(
          result.failed() + " answers were not complete:\n" + peer.logTail());
    }
    return result;
  }

  /** Runs a load that counts. */
  public static Figures measure(Rig rig, RunningPeer peer, LoadOrder order) {
    rig.resetOriginStats();
    peer.probe().resetPeaks();
    MetricsPage pageBefore = page(peer);
    ProcessSample before = peer.probe().now();
    LoadResult result = rig.run(order);
    settle();
    ProcessSample after = peer.probe().now();
    ProcessSample peak = peer.probe().peak();
    OriginStats origin = rig.originStats();
    double cpuSeconds = after.cpuSeconds() - before.cpuSeconds();
    Figures figures =
        new Figures()
            .with(Figure.WALL_S, result.wallSeconds())
            .with(Figure.GB_PER_S, result.bodyBytes() / 1e9 / result.wallSeconds())
            .with(Figure.CPU_S, cpuSeconds)
            .with(Figure.CPU_S_PER_GIB, cpuSeconds * GIB / Math.max(1, result.bodyBytes()))
            .with(Figure.FIRST_BYTE_MS, result.firstByte().p50Millis())
            .with(Figure.FIRST_BYTE_MAX_MS, result.firstByte().maxMillis())
            .with(Figure.REQUESTS_PER_S, result.requests() / result.wallSeconds())
            .with(Figure.CPU_US_PER_REQUEST, cpuSeconds * 1e6 / Math.max(1, result.requests()))
            .with(Figure.P50_MS, result.total().p50Millis())
            .with(Figure.P99_MS, result.total().p99Millis())
            .with(Figure.FAILED, (double) result.failed())
            .with(Figure.UPSTREAM_REQUESTS, (double) origin.requests())
            .with(Figure.UPSTREAM_MIB, origin.bodyBytes() / MIB)
            .with(Figure.RSS_PEAK_MIB, peak.peakRssBytes() / MIB)
            .with(Figure.FDS_PEAK, peak.fds())
            .with(Figure.THREADS_PEAK, peak.threads());
    addInside(figures, pageBefore, page(peer), result.bodyBytes() / MIB);
    return figures;
  }

  private static MetricsPage page(RunningPeer peer) {
    return peer.address().measured() ? MetricsPage.fetch(peer.address().port()) : MetricsPage.NONE;
  }

  /** What only the peer itself can say. */
  private static void addInside(
      Figures figures, MetricsPage before, MetricsPage after, double mebibytes) {
    if (after.values().isEmpty()) {
      return;
    }
    double allocated = after.of(ALLOCATED) - before.of(ALLOCATED);
    double collected = after.of(GC_SECONDS) - before.of(GC_SECONDS);
    figures
        .with(Figure.HEAP_AFTER_GC_MIB, after.of("millrace_jvm_heap_after_gc_bytes") / MIB)
        .with(Figure.DIRECT_MIB, after.of("millrace_netty_direct_bytes") / MIB)
        .with(Figure.ALLOCATED_KIB, allocated / 1024)
        .with(Figure.ALLOCATED_KIB_PER_MIB, allocated / 1024 / Math.max(1, mebibytes))
        .with(Figure.GC_S, collected)
        .with(Figure.GC_PAUSES, after.of(GC_RUNS) - before.of(GC_RUNS));
  }

  /**
   * Waits until the origin has nothing more to give: some peers fetch what they keep beside what
   * they pass on.
   */
  static void quiet(Rig rig) {
    OriginStats before;
    OriginStats after = rig.originStats();
    do {
      settle();
      before = after;
      after = rig.originStats();
    } while (!after.equals(before));
  }

  /** Lets what was started come to its end. */
  public static void settle() {
    long end = System.nanoTime() + SETTLE_NANOS;
    for (long left = SETTLE_NANOS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
