package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadOrder;
import dev.millrace.bench.rig.Rig;

/**
 * A cold body whose upstream closes after each part of it, next to the same body uncut. A peer that
 * asks for the rest gives its client the whole a little later; another gives it a part.
 *
 * @param name its short name
 * @param bytes length of the body
 * @param partBytes what the upstream sends on one connection
 */
public record CutAgain(String name, long bytes, long partBytes) implements Scenario {
  private static final int WARM_UPS = 8;
  private static final long WARM_BYTES = 192L << 20;

  @Override
  public String title() {
    return "cold " + Sizes.of(bytes) + ", cut every " + Sizes.of(partBytes);
  }

  @Override
  public long storeBytes() {
    return 2 * bytes + WARM_UPS * WARM_BYTES;
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    for (int i = 0; i < (light ? 1 : WARM_UPS); i++) {
      Watch.run(rig, peer, LoadGroup.once(1, rig.freshPath(WARM_BYTES, "")));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    Figures uncut = Watch.measure(rig, peer, order(rig, peer, ""));
    Figures cut = Watch.measure(rig, peer, order(rig, peer, "every=" + partBytes));
    boolean whole = cut.of(Figure.FAILED) == 0;
    return cut.with(
        Figure.GOODPUT_RATIO, whole ? uncut.of(Figure.WALL_S) / cut.of(Figure.WALL_S) : 0);
  }

  private LoadOrder order(Rig rig, RunningPeer peer, String options) {
    return Watch.order(peer, false, LoadGroup.once(1, rig.freshPath(bytes, options)));
  }
}
