package dev.millrace.bench.cli;

import dev.millrace.bench.report.LinePlot;
import dev.millrace.bench.report.LinePlot.Point;
import dev.millrace.bench.report.MarkedText;
import dev.millrace.bench.report.Report;
import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.report.Spread;
import dev.millrace.bench.report.Summary;
import dev.millrace.bench.report.Tables;
import dev.millrace.bench.scenario.Figure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code plot}: plots and tables of the documents, from the results that lie beside them. */
@Command(
    name = "plot",
    mixinStandardHelpOptions = true,
    description = "Makes docs/benchmarks/*.svg and the marked tables from docs/benchmarks/*.json.")
final class PlotCommand implements Callable<Integer> {
  private static final Map<Figure, String> PLOTTED =
      Map.of(
          Figure.RSS_PEAK_MIB, "peak resident memory (MiB)",
          Figure.FIRST_BYTE_MS, "time to first byte (ms)",
          Figure.CPU_S_PER_GIB, "processor seconds per GiB");
  private static final Map<String, String> AXES =
      Map.of(
          "MultiGigabyteLayer", "body (MiB)",
          "ConcurrentFetches", "distinct bodies at once",
          "OneFetchManyReaders", "readers");
  private static final List<Figure> SHOWN =
      List.of(
          Figure.WALL_S,
          Figure.CPU_S_PER_GIB,
          Figure.GB_PER_S,
          Figure.FIRST_BYTE_MS,
          Figure.FIRST_BYTE_MAX_MS,
          Figure.REQUESTS_PER_S,
          Figure.P99_MS,
          Figure.UPSTREAM_REQUESTS,
          Figure.UPSTREAM_MIB,
          Figure.RSS_PEAK_MIB,
          Figure.RSS_IDLE_MIB,
          Figure.START_MS,
          Figure.READER_KIB,
          Figure.SOCKETS_MIB,
          Figure.TRUNCATED_SERVED,
          Figure.GOODPUT_RATIO,
          Figure.ALLOCATED_KIB_PER_MIB,
          Figure.GC_PAUSES,
          Figure.GC_S,
          Figure.WALL_MS,
          Figure.CPU_MS,
          Figure.BUSIEST_LOOP_MS,
          Figure.ALLOCATED_KIB_PER_BODY,
          Figure.HANDSHAKES);

  private static final String COMPARE = "compare";

  private final Place place;

  @Spec private CommandSpec spec = CommandSpec.create();

  PlotCommand(Place place) {
    this.place = place;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    for (Path file : results()) {
      Report report = Report.read(file);
      String name = file.getFileName().toString().replaceFirst("\\.json$", "");
      String axis = AXES.get(name);
      if (axis != null) {
        for (Map.Entry<Figure, String> each : PLOTTED.entrySet()) {
          plot(report, new Drawing(name, axis, each.getKey(), each.getValue()), out);
        }
      }
      for (String document : List.of("docs/BENCHMARKS.md", "README.md")) {
        rewrite(place.tree().resolve(document), name, tables(report), out);
        if (name.equals(COMPARE)) {
          rewrite(place.tree().resolve(document), "summary", summary(report), out);
        }
      }
    }
    out.flush();
    return BenchCommand.OK;
  }

  private List<Path> results() {
    try (Stream<Path> files = Files.list(place.results())) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What one plot shows.
   *
   * @param name of the series
   * @param axis what is varied
   * @param figure what is plotted
   * @param label what it is called
   */
  private record Drawing(String name, String axis, Figure figure, String label) {}

  private void plot(Report report, Drawing drawing, PrintWriter out) throws IOException {
    Map<String, List<Point>> series = new LinkedHashMap<>();
    for (Cell cell : report.cells()) {
      for (String peer : cell.peers()) {
        Spread x = cell.spread(peer, Figure.PARAMETER);
        Spread y = cell.spread(peer, drawing.figure());
        if (x != null && y != null) {
          series
              .computeIfAbsent(peer, key -> new ArrayList<>())
              .add(new Point(x.median(), y.median()));
        }
      }
    }
    String title = drawing.name() + ": " + drawing.label();
    Path file = place.results().resolve(drawing.name() + "-" + drawing.figure().label() + ".svg");
    Files.writeString(file, new LinePlot(title, drawing.axis(), drawing.label(), series).svg());
    out.println("written: " + place.tree().relativize(file));
  }

  private static String tables(Report report) {
    StringBuilder text = new StringBuilder();
    for (Cell cell : report.cells()) {
      text.append("\n**").append(cell.scenario()).append("** ").append(cell.title());
      text.append(", ").append(cell.layout()).append("\n\n").append(Tables.of(cell, SHOWN));
    }
    return text + origin(report);
  }

  private static String summary(Report report) {
    return "\n" + Summary.of(report) + origin(report);
  }

  private static String origin(Report report) {
    var from = report.environment();
    List<String> parts =
        new ArrayList<>(
            List.of(
                "Machine: " + from.machine(),
                from.jvm(),
                "revision " + from.revision(),
                from.date(),
                "`" + from.command() + "`"));
    report.missing().forEach(missing -> parts.add("missing: " + missing));
    return "\n" + String.join("; ", parts) + "\n";
  }

  private void rewrite(Path document, String name, String tables, PrintWriter out)
      throws IOException {
    if (!Files.exists(document)) {
      return;
    }
    String text = Files.readString(document);
    if (MarkedText.has(text, name)) {
      Files.writeString(document, MarkedText.replace(text, name, tables));
      out.println("written: " + place.tree().relativize(document) + " (" + name + ")");
    }
  }
}
