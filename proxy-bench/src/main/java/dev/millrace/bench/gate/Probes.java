package dev.millrace.bench.gate;

import dev.millrace.bench.gate.GateRow.ProbeName;
import dev.millrace.bench.peer.MillracePeer;
import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.peer.RelayPeer;
import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.peer.Site;
import dev.millrace.bench.relay.RelayDesign;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadGroup.Manner;
import dev.millrace.bench.rig.LoadOrder;
import dev.millrace.bench.rig.MetricsPage;
import dev.millrace.bench.rig.Rig;
import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import dev.millrace.bench.scenario.Watch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the gate measures; each probe starts a proxy of its own.
 *
 * <p>Threading: for one thread.
 */
final class Probes {
  private static final long MIB = 1 << 20;
  private static final long SMALL = 32 * MIB;
  private static final long LARGE = SMALL + 128 * MIB;
  private static final int COMPILING = 4;
  private static final long JOINED = 96 * MIB;
  private static final int CLIENTS = 8;
  private static final long SLOW_MILLIS = 4000;
  private static final int TIMED_PAIRS = 3;
  private static final long STORE = 2048 * MIB;
  private static final String JVM_OPTIONS = "-Xmx256m -XX:MaxDirectMemorySize=128m";

  private final Rig rig;
  private final Path tree;
  private int folders;

  /** Measures the proxy of that source tree. */
  Probes(Rig rig, Path tree) {
    this.rig = rig;
    this.tree = tree;
  }

  /** All figures of a probe by name; those that this machine cannot measure are not there. */
  Map<String, Double> measure(ProbeName probe) {
    return switch (probe) {
      case COLD -> cold();
      case JOIN -> join();
      case SLOW -> slow();
      case LEFT -> left();
      case RATIO -> ratio();
      case CALLS -> calls();
    };
  }

  private Map<String, Double> cold() {
    try (RunningPeer peer = start(millrace())) {
      warmUp(peer);
      // Memory by the first of each: what was touched once stays resident.
      double growth = -fetch(peer, SMALL).rssMib() + fetch(peer, LARGE).rssMib();
      // Allocation once the compiler is done: what it finds to live on the stack only is no
      // garbage.
      Watch.run(rig, peer, LoadGroup.list(1, rig.freshPaths(COMPILING, LARGE, "")));
      Spent small = fetch(peer, SMALL);
      Spent large = fetch(peer, LARGE);
      double more = (LARGE - SMALL) / (double) MIB;
      MetricsPage last = MetricsPage.fetch(peer.address().port());
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put(
          "allocated_kib_per_mib", (large.allocatedBytes() - small.allocatedBytes()) / 1024 / more);
      figures.put("rss_peak_mib", large.rssMib());
      figures.put("rss_growth_mib", Math.max(0, growth));
      figures.put("direct_peak_mib", last.of("millrace_netty_direct_bytes") / MIB);
      figures.put("body_memory_peak_mib", last.of("millrace_body_memory_peak_bytes") / MIB);
      figures.put("heap_after_gc_mib", last.of("millrace_jvm_heap_after_gc_bytes") / MIB);
      figures.put("threads_peak", (double) peer.probe().peak().threads());
      return figures;
    }
  }

  /**
   * What a fetch cost.
   *
   * @param allocatedBytes heap allocated
   * @param rssMib most resident memory
   */
  private record Spent(double allocatedBytes, double rssMib) {}

  private Spent fetch(RunningPeer peer, long bytes) {
    String path = rig.freshPath(bytes, "");
    MetricsPage before = MetricsPage.fetch(peer.address().port());
    Figures figures = Watch.measure(rig, peer, Watch.order(peer, false, LoadGroup.once(1, path)));
    MetricsPage after = MetricsPage.fetch(peer.address().port());
    String allocated = "millrace_jvm_allocated_bytes_total";
    return new Spent(after.of(allocated) - before.of(allocated), figures.of(Figure.RSS_PEAK_MIB));
  }

  private Map<String, Double> join() {
    try (RunningPeer peer = start(millrace())) {
      Watch.run(rig, peer, LoadGroup.once(1, rig.freshPath(MIB, "")));
      String path = rig.freshPath(JOINED, "");
      LoadGroup leaders = LoadGroup.once(CLIENTS, path);
      // Some join while the fill runs.
      LoadGroup joiners = leaders.as("joiners", new Manner(10, 10, 0, "", 0));
      Figures figures = Watch.measure(rig, peer, Watch.order(peer, false, leaders, joiners));
      return Map.of(
          "upstream_requests_per_object",
          figures.of(Figure.UPSTREAM_REQUESTS),
          "upstream_bytes_per_byte",
          figures.of(Figure.UPSTREAM_MIB) * MIB / JOINED,
          "join_failed",
          figures.of(Figure.FAILED));
    }
  }

  private Map<String, Double> slow() {
    try (RunningPeer peer = start(millrace())) {
      warmUp(peer);
      LoadGroup slow = LoadGroup.once(1, rig.freshPath(LARGE, "")).as("slow", Manner.slow(0, MIB));
      rig.resetOriginStats();
      LoadOrder order = Watch.order(peer, false, slow);
      rig.run(order.within(SLOW_MILLIS));
      return Map.of("fetched_past_slow_reader", rig.originStats().bodyBytes() / (double) LARGE);
    }
  }

  private Map<String, Double> left() {
    // Without resuming: what is cut has to end as a failure.
    try (RunningPeer peer = start(millrace().set("MILLRACE_LIMITS_RESUME_WAIT", "0"))) {
      warmUp(peer);
      round(peer);
      double before = unexplained(peer);
      for (int i = 0; i < 3; i++) {
        round(peer);
      }
      return Map.of("descriptors_left", unexplained(peer) - before);
    }
  }

  /** Whole answers, some that their clients leave, and some that the upstream cuts. */
  private void round(RunningPeer peer) {
    Watch.run(rig, peer, LoadGroup.list(16, rig.freshPaths(64, 64 << 10, "")));
    runOn(peer, LoadGroup.each(rig.freshPaths(8, 8 * MIB, "")), Manner.slow(0, MIB));
    // What was cut is kept nowhere: a descriptor of it that is open is a lost one.
    runOn(peer, LoadGroup.each(rig.freshPaths(8, MIB, "cut=" + MIB / 2)), Manner.PLAIN);
    for (int i = 0; i < 10; i++) {
      Watch.settle(); // Fills go on without their readers, and are committed.
    }
  }

  /** A load that ends incomplete, at the latest after a moment. */
  private void runOn(RunningPeer peer, LoadGroup group, Manner manner) {
    LoadOrder order = Watch.order(peer, false, group.as("incomplete", manner));
    rig.run(order.within(500));
  }

  /** Descriptors that are neither kept files nor connections. */
  private static double unexplained(RunningPeer peer) {
    MetricsPage page = MetricsPage.fetch(peer.address().port());
    return page.of("millrace_process_open_fds")
        - page.of("millrace_open_files")
        - page.of("millrace_connections")
        - page.of("millrace_upstream_connections");
  }

  private Map<String, Double> ratio() {
    double wall = Double.MAX_VALUE;
    double cpu = Double.MAX_VALUE;
    try (RunningPeer peer = start(millrace());
        RunningPeer relay = start(new RelayPeer(RelayDesign.BARE, 128))) {
      for (int i = 0; i < 4; i++) {
        timed(peer);
        timed(relay);
      }
      // The best pair: what others do to the machine only ever makes it worse.
      for (int i = 0; i < TIMED_PAIRS; i++) {
        Figures own = timed(peer);
        Figures bare = timed(relay);
        wall = Math.min(wall, own.of(Figure.WALL_S) / bare.of(Figure.WALL_S));
        cpu = Math.min(cpu, own.of(Figure.CPU_S) / bare.of(Figure.CPU_S));
      }
    }
    return Map.of("wall_to_bare_relay", wall, "cpu_to_bare_relay", cpu);
  }

  private Figures timed(RunningPeer peer) {
    String path = rig.freshPath(LARGE, "");
    return Watch.measure(rig, peer, Watch.order(peer, false, LoadGroup.once(1, path)));
  }

  private Map<String, Double> calls() {
    try (RunningPeer peer = start(millrace())) {
      warmUp(peer);
      String path = rig.freshPath(LARGE, "");
      OptionalLong calls =
          SystemCalls.count(
              peer.probe().pids().getFirst(),
              rig.folder(),
              () -> Watch.run(rig, peer, LoadGroup.once(1, path)));
      return calls.isEmpty()
          ? Map.of()
          : Map.of("system_calls_per_mib", calls.getAsLong() / (LARGE / (double) MIB));
    }
  }

  private void warmUp(RunningPeer peer) {
    // Small and one by one: a warm-up that needs memory would hide what the probe looks for.
    Watch.run(rig, peer, LoadGroup.list(1, rig.freshPaths(24, 4 * MIB, "")));
  }

  private MillracePeer millrace() {
    return MillracePeer.here(tree).with("millrace", JVM_OPTIONS);
  }

  private RunningPeer start(Peer peer) {
    Path folder = rig.folder().resolve("gate-" + peer.name() + "-" + folders++);
    return peer.start(new Site(folder, rig.originPort(), rig.layout().proxy(), STORE));
  }
}
