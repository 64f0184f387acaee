package dev.millrace.bench.cli;

import dev.millrace.bench.report.Report;
import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.report.Report.Run;
import dev.millrace.bench.report.Tables;
import dev.millrace.bench.rig.Layout;
import dev.millrace.bench.scenario.Figure;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run}: Millrace alone, along series of lengths, fetches and readers. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Measures Millrace alone; the first series also over the designs that it replaces.",
      "Names: MultiGigabyteLayer, ConcurrentFetches, OneFetchManyReaders, MixedEdge."
    })
final class RunCommand implements Callable<Integer> {
  private final Place place;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Which series (default: all).")
  private List<String> names = List.of();

  @Option(names = "--quick", description = "Smaller and fewer points: minutes, below 4 GiB.")
  private boolean quick;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "Runs of each point (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(names = "--folder", description = "Where data lies (default: a folder in memory).")
  private Path folder = Place.defaultFolder();

  RunCommand(Place place) {
    this.place = place;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<Whole> all = Whole.all(place.tree(), quick);
    for (String name : names) {
      if (all.stream().noneMatch(whole -> whole.name().equalsIgnoreCase(name))) {
        throw new ParameterException(spec.commandLine(), "unknown series: " + name);
      }
    }
    for (Whole whole : all) {
      if (names.isEmpty() || names.stream().anyMatch(whole.name()::equalsIgnoreCase)) {
        run(whole, out);
      }
    }
    return BenchCommand.OK;
  }

  private void run(Whole whole, PrintWriter out) {
    Progress progress = new Progress(out);
    List<Run> runs = new ArrayList<>();
    for (Whole.Course course : whole.courses()) {
      runs.addAll(
          new Course(folder, progress)
              .run(List.of(Layout.FREE), course.points(), course.peers(), repeats, soFar -> {}));
    }
    Report report = new Report(place.environment(), List.of(), runs);
    for (Cell cell : report.cells()) {
      out.println();
      out.println(cell.scenario() + ": " + cell.title());
      out.print(Tables.of(cell, List.of(Figure.values())));
    }
    Path file = place.results().resolve(whole.name() + ".json");
    report.write(file);
    out.println();
    out.println("written: " + place.tree().relativize(file));
    out.flush();
  }
}
