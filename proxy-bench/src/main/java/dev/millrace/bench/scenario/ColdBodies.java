package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.Rig;
import java.util.List;

/**
 * Large bodies that the peer does not have.
 *
 * @param name its short name
 * @param bodies how many of them at once
 * @param bytes length of each
 * @param clients how many ask for each, at once
 * @param options of the origin, as it takes them in a path
 */
public record ColdBodies(String name, int bodies, long bytes, int clients, String options)
    implements Scenario {
  private static final int WARM_UPS = 16;
  private static final long WARM_BYTES = 192L << 20;
  private static final int WARM_REQUESTS = 500;
  private static final int WARM_CONNECTIONS = 16;
  private static final long WARM_REQUEST_BYTES = 4 << 10;

  @Override
  public String title() {
    String who = clients == 1 ? "1 client" : clients + " clients at once";
    String what = bodies == 1 ? "" : bodies + " × ";
    String proof = options.isEmpty() ? "" : " (" + options + ")";
    return "cold " + what + Sizes.of(bytes) + proof + ", " + who + (bodies == 1 ? "" : " each");
  }

  /** One that fetches for each client takes minutes to say so. */
  @Override
  public boolean suits(Peer peer) {
    return clients == 1 || peer.joins();
  }

  @Override
  public long storeBytes() {
    return bodies * bytes + (WARM_UPS + 1) * WARM_BYTES;
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    // A cache that has only ever had five requests is no cache's usual state.
    List<String> small = rig.freshPaths(WARM_REQUESTS, WARM_REQUEST_BYTES, "");
    Watch.run(rig, peer, LoadGroup.list(WARM_CONNECTIONS, small));
    for (int i = 0; i < (light ? 1 : WARM_UPS); i++) {
      List<String> paths = rig.freshPaths(bodies, Math.max(1, WARM_BYTES / bodies), options);
      Watch.run(rig, peer, group(paths));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    List<String> paths = rig.freshPaths(bodies, bytes, options);
    double direct = originFirstByte(rig, bytes);
    return Watch.measure(rig, peer, Watch.order(peer, false, group(paths)))
        .with(Figure.ORIGIN_FIRST_BYTE_MS, direct);
  }

  private LoadGroup group(List<String> paths) {
    LoadGroup one = LoadGroup.each(paths);
    return new LoadGroup(
        one.name(), bodies * clients, paths, one.spread(), one.amount(), one.manner());
  }

  private static double originFirstByte(Rig rig, long bytes) {
    String path = rig.freshPath(Math.min(bytes, 1 << 20), "");
    return rig.run(Watch.direct(rig, LoadGroup.once(1, path))).firstByte().p50Millis();
  }
}
