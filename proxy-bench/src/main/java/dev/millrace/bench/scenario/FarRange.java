package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadGroup.Manner;
import dev.millrace.bench.rig.Rig;

/**
 * A range far inside a body that the peer does not have.
 *
 * @param name its short name
 * @param bytes length of the body
 */
public record FarRange(String name, long bytes) implements Scenario {
  private static final long RANGE_BYTES = 1_000_000;
  private static final long WARM_BYTES = 32L << 20;

  @Override
  public String title() {
    return "1 MB from the middle of a cold " + Sizes.of(bytes);
  }

  @Override
  public long storeBytes() {
    return 2 * bytes + 20 * WARM_BYTES;
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    for (int i = 0; i < (light ? 1 : 20); i++) {
      rig.run(Watch.order(peer, false, ask(rig.freshPath(WARM_BYTES, ""), WARM_BYTES / 2)));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    return Watch.measure(
        rig, peer, Watch.order(peer, false, ask(rig.freshPath(bytes, ""), bytes / 2)));
  }

  private static LoadGroup ask(String path, long first) {
    String range = "bytes=" + first + "-" + (first + RANGE_BYTES - 1);
    return LoadGroup.once(1, path).as("range", Manner.range(range));
  }
}
