package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadGroup.Manner;
import dev.millrace.bench.rig.LoadOrder;
import dev.millrace.bench.rig.ProcessSample;
import dev.millrace.bench.rig.Rig;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Many clients that read slowly, and what each of them costs.
 *
 * @param name its short name
 * @param bytes length of the body that all of them read
 * @param readers how many
 * @param hot whether the peer has the body
 */
public record SlowReaders(String name, long bytes, int readers, boolean hot) implements Scenario {
  private static final long BYTES_PER_SECOND = 100_000;
  private static final long MILLIS = 6000;
  private static final double KIB = 1 << 10;
  private static final double MIB = 1 << 20;

  @Override
  public String title() {
    return readers + " slow readers of a " + (hot ? "hot " : "cold ") + Sizes.of(bytes);
  }

  @Override
  public long storeBytes() {
    return 2 * bytes + (256L << 20);
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    for (int i = 0; i < (light ? 1 : 2); i++) {
      Watch.run(rig, peer, LoadGroup.once(4, rig.freshPath(64L << 20, "")));
    }
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    String path = rig.freshPath(bytes, "");
    if (hot) {
      Watch.run(rig, peer, LoadGroup.once(1, path));
    }
    Watch.quiet(rig);
    peer.probe().resetPeaks();
    ProcessSample before = peer.probe().now();
    Manner slow = Manner.slow(2, BYTES_PER_SECOND);
    LoadOrder order = Watch.order(peer, false, LoadGroup.once(readers, path).as("slow", slow));
    CompletableFuture<?> load = rig.begin(order.within(MILLIS));
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(MILLIS - 1000));
    double sockets = SocketBuffers.bytes(peer.address().port());
    load.join();
    ProcessSample peak = peer.probe().peak();
    double own = Math.max(0, peak.peakRssBytes() - before.rssBytes());
    return new Figures()
        .with(Figure.READER_KIB, own / KIB / readers)
        .with(Figure.SOCKETS_MIB, sockets / MIB)
        .with(Figure.CPU_S, peer.probe().now().cpuSeconds() - before.cpuSeconds())
        .with(Figure.RSS_PEAK_MIB, peak.peakRssBytes() / MIB)
        .with(Figure.FDS_PEAK, peak.fds())
        .with(Figure.THREADS_PEAK, peak.threads());
  }
}
