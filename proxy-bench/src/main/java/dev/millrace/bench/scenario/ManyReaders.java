package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadGroup.Manner;
import dev.millrace.bench.rig.Rig;
import java.util.ArrayList;
import java.util.List;

/**
 * One cold body and many readers at once, a tenth of them slow.
 *
 * @param name its short name
 * @param bytes length of the body
 * @param readers how many
 */
public record ManyReaders(String name, long bytes, int readers) implements Scenario {
  private static final int SLOW_SECONDS = 5;

  @Override
  public String title() {
    return readers + " readers of a cold " + Sizes.of(bytes) + ", a tenth slow";
  }

  @Override
  public long storeBytes() {
    return 4 * bytes + (128L << 20);
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    for (int i = 0; i < (light ? 1 : 2); i++) {
      Watch.run(rig, peer, LoadGroup.once(4, rig.freshPath(bytes, "")));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    String path = rig.freshPath(bytes, "");
    int slow = readers / 10;
    List<LoadGroup> groups = new ArrayList<>();
    groups.add(LoadGroup.once(readers - slow, path));
    if (slow > 0) {
      Manner manner = Manner.slow(0, bytes / SLOW_SECONDS);
      groups.add(LoadGroup.once(slow, path).as("slow", manner));
    }
    return Watch.measure(rig, peer, Watch.order(peer, false, groups.toArray(LoadGroup[]::new)));
  }
}
