package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.LoadResult;
import dev.millrace.bench.rig.Rig;
import java.util.List;

/**
 * An upstream that closes in the middle of a body, asked twice. The second answer must come from
 * the upstream again or be visibly broken: a part that was kept and is served as the whole is
 * counted.
 *
 * @param name its short name
 * @param bytes length of the body
 */
public record UpstreamCut(String name, long bytes) implements Scenario {
  private static final List<String> FRAMINGS = List.of("", "chunked,", "close,");

  @Override
  public String title() {
    return "upstream closes in the middle of " + Sizes.of(bytes) + ": length, chunks, close";
  }

  @Override
  public long storeBytes() {
    return 8 * bytes;
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    Watch.run(rig, peer, LoadGroup.once(1, rig.freshPath(1L << 20, "")));
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    rig.resetOriginStats();
    double failed = 0;
    double truncated = 0;
    for (String framing : FRAMINGS) {
      String path = rig.freshPath(bytes, framing + "cut=" + bytes / 2);
      failed += ask(rig, peer, path).failed();
      Watch.settle();
      long before = rig.originStats().requests();
      LoadResult again = ask(rig, peer, path);
      boolean kept = rig.originStats().requests() == before;
      if (kept && again.requests() > 0 && again.bodyBytes() < bytes) {
        truncated++;
      }
    }
    return new Figures()
        .with(Figure.FAILED, failed)
        .with(Figure.TRUNCATED_SERVED, truncated)
        .with(Figure.UPSTREAM_REQUESTS, (double) rig.originStats().requests());
  }

  private static LoadResult ask(Rig rig, RunningPeer peer, String path) {
    return rig.run(Watch.order(peer, false, LoadGroup.once(1, path)));
  }
}
