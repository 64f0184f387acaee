package dev.millrace.bench.cli;

import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.peer.Site;
import dev.millrace.bench.report.Report.Run;
import dev.millrace.bench.rig.Layout;
import dev.millrace.bench.rig.Rig;
import dev.millrace.bench.rig.TouchedMemory;
import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import dev.millrace.bench.scenario.Scenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs peers through scenarios: peer by peer within a repeat and another one first in each, so that
 * what changes on the machine meets all of them alike; each run with a process that was just
 * started and warmed up, and with memory that was touched before.
 *
 * <p>Threading: for the main thread.
 *
 * <p>Ownership: its folder is removed when it is done.
 */
final class Course {
  private final Path folder;
  private final Progress progress;
  private int folders;

  Course(Path under, Progress progress) {
    this.folder = under.resolve("millrace-bench-" + ProcessHandle.current().pid());
    this.progress = progress;
  }

  /** All of it; {@code soFar} is given all runs after each scenario. */
  List<Run> run(
      List<Layout> layouts,
      List<Scenario> scenarios,
      List<Peer> peers,
      int repeats,
      Consumer<List<Run>> soFar) {
    List<Run> runs = new ArrayList<>();
    int pairs =
        scenarios.stream().mapToInt(scenario -> (int) suited(scenario, peers).count()).sum();
    progress.expect(layouts.size() * pairs * repeats);
    List<Rig> rigs = new ArrayList<>();
    try {
      for (Layout layout : layouts) {
        rigs.add(new Rig(layout, folder.resolve("rig-" + layout.label())));
      }
      for (Scenario scenario : scenarios) {
        for (Rig rig : rigs) {
          for (int repeat = 1; repeat <= repeats; repeat++) {
            List<Peer> turns = new ArrayList<>(suited(scenario, peers).toList());
            Collections.rotate(turns, 1 - repeat);
            for (Peer peer : turns) {
              runs.add(one(rig, scenario, peer, repeat));
            }
          }
        }
        soFar.accept(runs);
      }
    } finally {
      rigs.forEach(Rig::close);
      RunningPeer.remove(folder);
    }
    return runs;
  }

  private static Stream<Peer> suited(Scenario scenario, List<Peer> peers) {
    return peers.stream().filter(scenario::suits);
  }

  private Run one(Rig rig, Scenario scenario, Peer peer, int repeat) {
    Site site =
        new Site(
            folder.resolve(peer.name() + "-" + folders++),
            rig.originPort(),
            rig.layout().proxy(),
            scenario.storeBytes());
    try (TouchedMemory _ = new TouchedMemory(folder, scenario.storeBytes());
        RunningPeer running = peer.start(site)) {
      scenario.prepare(rig, running, !peer.warmsUp());
      Figures figures = scenario.measure(rig, running);
      Map<String, Double> labelled = Run.labelled(figures);
      progress.done(
          "%s %s %s #%d: %s"
              .formatted(
                  scenario.name(), rig.layout().label(), peer.name(), repeat, brief(figures)));
      return new Run(
          scenario.name(), scenario.title(), rig.layout().label(), peer.name(), repeat, labelled);
    }
  }

  private static String brief(Figures figures) {
    return Stream.of(
            Figure.WALL_S,
            Figure.CPU_S,
            Figure.FIRST_BYTE_MS,
            Figure.RSS_PEAK_MIB,
            Figure.START_MS,
            Figure.READER_KIB,
            Figure.TRUNCATED_SERVED)
        .filter(figure -> figures.values().containsKey(figure))
        .map(figure ->
            figure.label() + " " + figure.format(figures.of(figure)) + " " + figure.unit())
        .map(String::strip)
        .collect(Collectors.joining(", "));
  }
}
