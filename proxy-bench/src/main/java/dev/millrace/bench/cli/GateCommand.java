package dev.millrace.bench.cli;

import dev.millrace.bench.gate.Gate;
import dev.millrace.bench.gate.Gate.Outcome;
import dev.millrace.bench.gate.GateRow;
import dev.millrace.bench.gate.Plant;
import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.report.Tables;
import dev.millrace.bench.rig.Layout;
import dev.millrace.bench.rig.Rig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gate}: exit code 1 when a figure of {@code gate.yaml} got worse. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = "Holds the figures of Millrace against proxy-bench/gate.yaml.")
final class GateCommand implements Callable<Integer> {
  private final Place place;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--plants",
      description = "Shows that the gate fails on each planted regression; takes some minutes.")
  private boolean plants;

  @Option(names = "--folder", description = "Where data lies (default: a folder in memory).")
  private Path folder = Place.defaultFolder();

  GateCommand(Place place) {
    this.place = place;
  }

  @Override
  public Integer call() {
    Path work = folder.resolve("millrace-gate-" + ProcessHandle.current().pid());
    try (Rig rig = new Rig(Layout.FREE, work.resolve("rig"))) {
      return plants ? plants(rig, work.resolve("plant")) : gate(rig);
    } finally {
      RunningPeer.remove(work);
    }
  }

  private int gate(Rig rig) {
    PrintWriter out = spec.commandLine().getOut();
    List<Outcome> outcomes = begin(rig, place.tree()).judge(Gate.rows(place.tree()));
    out.print(table(outcomes));
    List<Outcome> failures = outcomes.stream().filter(Outcome::isFailure).toList();
    failures.forEach(failure ->
        out.println("failed: " + failure.row().figure() + ": " + failure.row().comment()));
    out.println(failures.isEmpty() ? "the gate passed" : "the gate failed");
    out.flush();
    return failures.isEmpty() ? BenchCommand.OK : BenchCommand.FAILED;
  }

  private int plants(Rig rig, Path copy) {
    PrintWriter out = spec.commandLine().getOut();
    List<GateRow> rows = Gate.rows(place.tree());
    int unseen = 0;
    for (Plant plant : Plant.all(place.tree())) {
      out.println("plant " + plant.name() + ": building");
      out.flush();
      plant.apply(place.tree(), copy);
      List<GateRow> meant =
          rows.stream().filter(row -> row.figure().equals(plant.figure())).toList();
      List<Outcome> outcomes = begin(rig, copy).judgeOnce(meant);
      out.print(table(outcomes));
      boolean seen = outcomes.stream().anyMatch(Outcome::isMeasuredFailure);
      out.println("plant " + plant.name() + (seen ? ": seen" : ": NOT SEEN"));
      out.flush();
      unseen += seen ? 0 : 1;
    }
    return unseen == 0 ? BenchCommand.OK : BenchCommand.FAILED;
  }

  private Gate begin(Rig rig, Path tree) {
    PrintWriter out = spec.commandLine().getOut();
    return new Gate(
        rig,
        tree,
        step -> {
          out.println("gate: " + step);
          out.flush();
        });
  }

  private static String table(List<Outcome> outcomes) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("figure", "measured", "bound", "verdict"));
    outcomes.forEach(outcome -> rows.add(outcome.cells()));
    return Tables.markdown(rows);
  }
}
