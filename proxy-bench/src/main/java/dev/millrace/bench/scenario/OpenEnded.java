package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadGroup.Manner;
import dev.millrace.bench.rig.Rig;

/**
 * A cold body that many clients pull as containerd does: each by ranges without an end, all at
 * once, each closed when its share has come.
 *
 * @param name its short name
 * @param bytes length of the body
 * @param clients how many pull it
 * @param shares in how many ranges each
 */
public record OpenEnded(String name, long bytes, int clients, int shares) implements Scenario {
  private static final long WARM_BYTES = 64L << 20;

  @Override
  public String title() {
    return "cold "
        + Sizes.of(bytes)
        + " by "
        + clients
        + " clients in "
        + shares
        + " open-ended ranges each";
  }

  @Override
  public long storeBytes() {
    return 2 * bytes + WARM_BYTES;
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    for (int i = 0; i < (light ? 1 : 4); i++) {
      Watch.run(rig, peer, LoadGroup.once(1, rig.freshPath(WARM_BYTES / 4, "")));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    String path = rig.freshPath(bytes, "");
    long share = bytes / shares;
    LoadGroup[] groups = new LoadGroup[shares];
    for (int i = 0; i < shares; i++) {
      Manner manner = new Manner(0, 0, 0, "bytes=" + i * share + "-", share);
      groups[i] = LoadGroup.once(clients, path).as("share" + i, manner);
    }
    return Watch.measure(rig, peer, Watch.order(peer, false, groups));
  }
}
