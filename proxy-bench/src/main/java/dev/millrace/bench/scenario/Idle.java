package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.ProcessSample;
import dev.millrace.bench.rig.Rig;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A peer that was started and has nothing to do. */
public record Idle() implements Scenario {
  private static final long NANOS = TimeUnit.SECONDS.toNanos(3);

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String title() {
    return "start, then nothing for 3 s";
  }

  @Override
  public long storeBytes() {
    return 256L << 20;
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    // The start itself is what is measured.
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    LockSupport.parkNanos(NANOS);
    ProcessSample now = peer.probe().now();
    return new Figures()
        .with(Figure.START_MS, peer.startSeconds() * 1000)
        .with(Figure.CPU_S, now.cpuSeconds())
        .with(Figure.RSS_IDLE_MIB, now.rssBytes() / (double) (1 << 20))
        .with(Figure.FDS_PEAK, now.fds())
        .with(Figure.THREADS_PEAK, now.threads());
  }
}
