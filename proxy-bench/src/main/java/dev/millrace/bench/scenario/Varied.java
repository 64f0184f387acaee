package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.Rig;

/**
 * A scenario as one point of a series.
 *
 * @param scenario what is measured
 * @param parameter where the point stands on the series' axis
 */
public record Varied(Scenario scenario, double parameter) implements Scenario {
  @Override
  public String name() {
    return scenario.name();
  }

  @Override
  public String title() {
    return scenario.title();
  }

  @Override
  public long storeBytes() {
    return scenario.storeBytes();
  }

  @Override
  public void prepare(Rig rig, RunningPeer peer, boolean light) {
    scenario.prepare(rig, peer, light);
  }

  @Override
  public Figures measure(Rig rig, RunningPeer peer) {
    return scenario.measure(rig, peer).with(Figure.PARAMETER, parameter);
  }
}
