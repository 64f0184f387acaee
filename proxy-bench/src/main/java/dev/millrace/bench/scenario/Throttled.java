package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.Rig;

/**
 * A cold body of an upstream that limits each of its connections.
 *
 * @param name its short name
 * @param bytes length of the body
 * @param bytesPerSecond what one connection gives
 */
public record Throttled(String name, long bytes, long bytesPerSecond) implements Scenario {
  private static final int WARM_UPS = 8;
  private static final long WARM_BYTES = 64L << 20;

  @Override
  public String title() {
    return "cold " + Sizes.of(bytes) + ", each connection " + Sizes.of(bytesPerSecond) + "/s";
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
    String path = rig.freshPath(bytes, "rate=" + bytesPerSecond);
    return Watch.measure(rig, peer, Watch.order(peer, false, LoadGroup.once(1, path)));
  }
}
