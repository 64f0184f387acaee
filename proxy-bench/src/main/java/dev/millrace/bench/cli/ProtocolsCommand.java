package dev.millrace.bench.cli;

import dev.millrace.bench.report.Report;
import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.report.Report.Run;
import dev.millrace.bench.report.Tables;
import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import dev.millrace.origin.ProtocolCase;
import dev.millrace.origin.ProtocolTrial;
import dev.millrace.origin.ProtocolTrial.Protocol;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code protocols}: HTTP/2 next to HTTP/1.1 from a TLS origin, the client's part alone. */
@Command(
    name = "protocols",
    mixinStandardHelpOptions = true,
    description = {
      "Fetches from a TLS origin by HTTP/2 and by HTTP/1.1, in turns, and throws the bodies away.",
      "Counts the client's loops alone; two to three minutes."
    })
final class ProtocolsCommand implements Callable<Integer> {
  private final Place place;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--repeats",
      defaultValue = "11",
      description = "Runs of each (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(
      names = "--warm-up",
      defaultValue = "PT10S",
      description =
          "Least time of runs that do not count, for each case (default: ${DEFAULT-VALUE}).")
  private Duration warmUp = Duration.ZERO;

  @Option(
      names = "--name",
      defaultValue = "protocols",
      description = "Name of the result (default: ${DEFAULT-VALUE}).")
  private String name = "protocols";

  ProtocolsCommand(Place place) {
    this.place = place;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Progress progress = new Progress(out);
    progress.expect(ProtocolCase.all().size());
    List<Run> runs = new ArrayList<>();
    for (ProtocolCase each : ProtocolCase.all()) {
      runs.addAll(turns(each));
      progress.done(each.name());
    }
    Report report = new Report(place.environment(), List.of(), runs);
    for (Cell cell : report.cells()) {
      out.println();
      out.println(cell.scenario() + ": " + cell.title());
      out.print(Tables.of(cell, List.of(Figure.values())));
    }
    Path file = place.results().resolve(name + ".json");
    report.write(file);
    out.println();
    out.println("written: " + place.tree().relativize(file));
    out.flush();
    return BenchCommand.OK;
  }

  /** The two in turns, another one first each time. */
  private List<Run> turns(ProtocolCase each) throws IOException, InterruptedException {
    List<Run> runs = new ArrayList<>();
    List<Protocol> turns = new ArrayList<>(List.of(Protocol.values()));
    try (ProtocolTrial trial = new ProtocolTrial(each)) {
      long begunNanos = System.nanoTime();
      while (System.nanoTime() - begunNanos < warmUp.toNanos()) {
        for (Protocol protocol : turns) {
          trial.run(protocol);
        }
      }
      for (int repeat = 1; repeat <= repeats; repeat++) {
        for (Protocol protocol : turns) {
          Figures figures = trial.run(protocol);
          runs.add(
              new Run(
                  each.name(),
                  each.title(),
                  "free",
                  protocol.label(),
                  repeat,
                  Run.labelled(figures)));
        }
        Collections.reverse(turns);
      }
    }
    // The columns of a table stand in the order of the runs.
    runs.sort((one, other) -> Integer.compare(one.repeat(), other.repeat()));
    return runs;
  }
}
