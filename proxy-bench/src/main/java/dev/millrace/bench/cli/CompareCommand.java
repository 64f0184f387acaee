package dev.millrace.bench.cli;

import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.report.Report;
import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.report.Report.Run;
import dev.millrace.bench.report.Tables;
import dev.millrace.bench.rig.Layout;
import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Scenario;
import dev.millrace.bench.scenario.Scenarios;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code compare}: Millrace next to other proxies, in the same minutes on the same machine. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Runs scenarios over Millrace and other proxies, one after the other and again and again.",
      "Installs nothing: a proxy that is missing is said in the report."
    })
final class CompareCommand implements Callable<Integer> {
  private final Place place;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--peers",
      split = ",",
      defaultValue = "nginx-cache,varnish",
      description = {
        "Who stands next to Millrace (default: ${DEFAULT-VALUE}).",
        "Names: nginx, nginx-cache, nginx-cache-nopush, nginx-store, nginx-store-nopush,",
        "varnish, ats, squid, registry, bare-relay."
      })
  private List<String> peers = List.of();

  @Option(names = "--scenarios", split = ",", description = "Which scenarios (default: all).")
  private List<String> scenarios = List.of();

  @Option(
      names = "--layout",
      defaultValue = "both",
      description = "free, pinned or both (default: ${DEFAULT-VALUE}).")
  private String layout = "both";

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "Runs of each (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(
      names = "--large",
      defaultValue = "1073741824",
      description = "Bytes of a large body (default: ${DEFAULT-VALUE}).")
  private long large;

  @Option(names = "--folder", description = "Where data lies (default: a folder in memory).")
  private Path folder = Place.defaultFolder();

  @Option(
      names = "--name",
      defaultValue = "compare",
      description = "Name of the result (default: ${DEFAULT-VALUE}).")
  private String name = "compare";

  CompareCommand(Place place) {
    this.place = place;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<String> missing = new ArrayList<>();
    List<Peer> present = presentPeers(missing);
    missing.forEach(line -> out.println("missing: " + line));
    Course course = new Course(folder, new Progress(out));
    Path file = place.results().resolve(name + ".json");
    // After each scenario: an hour that is broken off is not lost.
    List<Run> runs =
        course.run(
            layouts(),
            chosen(),
            present,
            repeats,
            soFar -> new Report(place.environment(), missing, soFar).write(file));
    Report report = new Report(place.environment(), missing, runs);
    for (Cell cell : report.cells()) {
      out.println();
      out.println(cell.scenario() + ": " + cell.title());
      out.print(Tables.of(cell, List.of(Figure.values())));
    }
    out.println();
    out.println("written: " + place.tree().relativize(file));
    out.flush();
    return BenchCommand.OK;
  }

  private List<Peer> presentPeers(List<String> missing) {
    List<String> names = new ArrayList<>(List.of("millrace"));
    peers.stream().filter(peer -> !peer.equals("millrace")).forEach(names::add);
    List<Peer> present = new ArrayList<>();
    try {
      for (Peer peer : PeerNames.parse(place.tree(), names)) {
        peer.missing()
            .ifPresentOrElse(why -> missing.add(peer.name() + ": " + why), () -> present.add(peer));
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return present;
  }

  private List<Scenario> chosen() {
    if (scenarios.isEmpty()) {
      return Scenarios.all(large);
    }
    return scenarios.stream()
        .map(wanted ->
            Scenarios.named(wanted, large)
                .orElseThrow(() ->
                    new ParameterException(spec.commandLine(), "unknown scenario: " + wanted)))
        .toList();
  }

  private List<Layout> layouts() {
    return switch (layout) {
      case "free" -> List.of(Layout.FREE);
      case "pinned" -> List.of(Layout.PINNED);
      case "both" -> List.of(Layout.FREE, Layout.PINNED);
      default -> throw new ParameterException(spec.commandLine(), "unknown layout: " + layout);
    };
  }
}
