package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.Rig;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Small bodies. */
final class Small {
  private Small() {}

  /**
   * One small body that the peer has, asked for again and again.
   *
   * @param name its short name
   * @param bytes its length
   * @param connections how many ask
   * @param millis for how long
   */
  record Hot(String name, long bytes, int connections, long millis, AtomicReference<String> path)
      implements Scenario {
    private static final int LIGHT_MILLIS = 500;

    Hot(String name, long bytes, int connections, long millis) {
      this(name, bytes, connections, millis, new AtomicReference<>(""));
    }

    @Override
    public String title() {
      return "hot " + Sizes.of(bytes) + ", " + connections + " kept connections";
    }

    @Override
    public long storeBytes() {
      return 256L << 20;
    }

    @Override
    public void prepare(Rig rig, RunningPeer peer, boolean light) {
      path.set(rig.freshPath(bytes, ""));
      Watch.run(rig, peer, LoadGroup.once(1, path.get()));
      long warm = light ? LIGHT_MILLIS : 2 * millis;
      Watch.run(rig, peer, LoadGroup.repeated(connections, List.of(path.get()), warm));
    }

    @Override
    public Figures measure(Rig rig, RunningPeer peer) {
      LoadGroup group = LoadGroup.repeated(connections, List.of(path.get()), millis);
      return Watch.measure(rig, peer, Watch.order(peer, false, group));
    }
  }

  /**
   * Distinct small bodies that the peer does not have.
   *
   * @param name its short name
   * @param bytes length of each
   * @param bodies how many
   * @param connections how many ask at once
   */
  record Cold(String name, long bytes, int bodies, int connections) implements Scenario {
    private static final int WARM_UPS = 40;

    @Override
    public String title() {
      return bodies + " cold " + Sizes.of(bytes) + ", " + connections + " at once";
    }

    @Override
    public long storeBytes() {
      return 512L << 20;
    }

    @Override
    public void prepare(Rig rig, RunningPeer peer, boolean light) {
      for (int i = 0; i < (light ? 1 : WARM_UPS); i++) {
        Watch.run(rig, peer, LoadGroup.list(connections, rig.freshPaths(bodies, bytes, "")));
      }
    }

    @Override
    public Figures measure(Rig rig, RunningPeer peer) {
      List<String> paths = rig.freshPaths(bodies, bytes, "");
      return Watch.measure(rig, peer, Watch.order(peer, false, LoadGroup.list(connections, paths)));
    }
  }
}
