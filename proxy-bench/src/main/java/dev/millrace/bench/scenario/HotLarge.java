package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A large body that the peer has.
 *
 * @param name its short name
 * @param bytes its length
 * @param clients how many ask for it at once
 */
public record HotLarge(String name, long bytes, int clients, AtomicReference<String> path)
    implements Scenario {
  private static final int WARM_UPS = 4;

  /** With a path of its own in each run. */
  public HotLarge(String name, long bytes, int clients) {
    this(name, bytes, clients, new AtomicReference<>(""));
  }

  @Override
  public String title() {
    return "hot " + Sizes.of(bytes) + ", " + clients + (clients == 1 ? " client" : " clients");
  }

  @Override
  public long storeBytes() {
    return bytes + (128L << 20);
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    path.set(rig.freshPath(bytes, ""));
    for (int i = 0; i < (light ? 2 : WARM_UPS); i++) {
      Watch.run(rig, peer, LoadGroup.once(1, path.get()));
      Watch.quiet(rig);
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    // The same amount of work for one client and for many.
    int each = Math.max(1, 4 / clients);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < each * clients; i++) {
      paths.add(path.get());
    }
    return Watch.measure(rig, peer, Watch.order(peer, false, LoadGroup.list(clients, paths)));
  }
}
