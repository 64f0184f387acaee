package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What an edge cache sees: popular bodies again and again by Zipf's law, and one request in ten for
 * something that nobody asked for before.
 *
 * @param name its short name
 * @param bodies how many popular bodies
 * @param requests how many requests
 * @param popular the paths of the popular ones
 */
public record MixedEdge(
    String name, int bodies, int requests, AtomicReference<List<String>> popular)
    implements Scenario {
  private static final long SEED = 0x21bf;
  private static final int CONNECTIONS = 16;
  private static final double MISSES = 0.1;
  private static final double EXPONENT = 0.9;

  /**
   * Lengths at the quantiles 0, 0.1, 0.25, 0.5, 0.75, 0.9 and 1; in between by geometric
   * interpolation. Assumed: shaped like container layers, most of them small and most bytes in the
   * few large ones, with the tail cut at 64 MiB so that a run fits into memory.
   */
  private static final long[] LENGTHS = {
    512, 4 << 10, 64 << 10, 2 << 20, 12 << 20, 48 << 20, 64 << 20
  };

  private static final double[] QUANTILES = {0, 0.1, 0.25, 0.5, 0.75, 0.9, 1};

  /** With popular bodies of its own. */
  public MixedEdge(String name, int bodies, int requests) {
    this(name, bodies, requests, new AtomicReference<>(List.of()));
  }

  @Override
  public String title() {
    return requests + " requests, 90 % hits, Zipf over " + bodies + " bodies of 512 B to 64 MiB";
  }

  @Override
  public long storeBytes() {
    return (long) ((bodies + requests * MISSES * 2) * (20 << 20));
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < bodies; i++) {
      paths.add(rig.freshPath(length(random.nextDouble()), ""));
    }
    popular.set(paths);
    Watch.run(rig, peer, LoadGroup.list(CONNECTIONS, paths));
    if (!light) {
      Watch.run(rig, peer, LoadGroup.list(CONNECTIONS, paths));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    SplittableRandom random = new SplittableRandom(SEED + 1);
    double[] shares = shares(bodies);
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      asked.add(
          random.nextDouble() < MISSES
              ? rig.freshPath(length(random.nextDouble()), "")
              : popular.get().get(pick(shares, random.nextDouble())));
    }
    return Watch.measure(rig, peer, Watch.order(peer, false, LoadGroup.list(CONNECTIONS, asked)));
  }

  /** The length at a quantile. */
  static long length(double quantile) {
    int step = 1;
    while (step < QUANTILES.length - 1 && quantile > QUANTILES[step]) {
      step++;
    }
    double part = (quantile - QUANTILES[step - 1]) / (QUANTILES[step] - QUANTILES[step - 1]);
    double low = Math.log((double) LENGTHS[step - 1]);
    double high = Math.log((double) LENGTHS[step]);
    return Math.round(Math.exp(low + part * (high - low)));
  }

  /** What part of the requests goes to the first n bodies, for each n. */
  static double[] shares(int count) {
    double[] shares = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.pow(i + 1, -EXPONENT);
      shares[i] = sum;
    }
    for (int i = 0; i < count; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  private static int pick(double[] shares, double point) {
    int found = java.util.Arrays.binarySearch(shares, point);
    return Math.min(shares.length - 1, found < 0 ? -found - 1 : found);
  }
}
