package dev.millrace.bench.report;

import dev.millrace.bench.rig.Json;
import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The result of a command, as it lies under {@code docs/benchmarks}.
 *
 * @param environment where it comes from
 * @param missing peers that this machine lacks, and why
 * @param runs all runs, in the order they were made
 */
public record Report(Environment environment, List<String> missing, List<Run> runs) {

  /**
   * One peer at one scenario, once.
   *
   * @param scenario its short name
   * @param title what happened
   * @param layout who ran where
   * @param peer whose figures these are
   * @param repeat counted from 1
   * @param figures by their labels
   */
  public record Run(
      String scenario,
      String title,
      String layout,
      String peer,
      int repeat,
      Map<String, Double> figures) {

    /** Of measured figures. */
    public static Map<String, Double> labelled(Figures figures) {
      Map<String, Double> labelled = new LinkedHashMap<>();
      figures.values().forEach((figure, value) -> labelled.put(figure.label(), value));
      return labelled;
    }
  }

  /** The runs of one scenario in one layout. */
  public record Cell(String scenario, String title, String layout, List<Run> runs) {

    /** Its peers, in the order they were run. */
    public Set<String> peers() {
      Set<String> peers = new LinkedHashSet<>();
      runs.forEach(run -> peers.add(run.peer()));
      return peers;
    }

    /** The figures that were measured. */
    public Set<Figure> figures() {
      Set<Figure> figures = new java.util.TreeSet<>();
      runs.forEach(run -> run.figures().keySet().forEach(label -> figures.add(Figure.of(label))));
      return figures;
    }

    /** What the repeats of one peer say of one figure; null when it was not measured. */
    public @org.jspecify.annotations.Nullable Spread spread(String peer, Figure figure) {
      List<Double> values = new ArrayList<>();
      for (Run run : runs) {
        Double value = run.figures().get(figure.label());
        if (run.peer().equals(peer) && value != null) {
          values.add(value);
        }
      }
      return values.isEmpty() ? null : Spread.of(values);
    }

    /** The ratios of two peers, repeat by repeat; null when there are none. */
    public @org.jspecify.annotations.Nullable Spread ratio(
        String peer, String other, Figure figure) {
      List<Double> ratios = new ArrayList<>();
      for (Run run : runs) {
        if (!run.peer().equals(peer)) {
          continue;
        }
        OptionalDouble against = value(other, run.repeat(), figure);
        Double own = run.figures().get(figure.label());
        if (own != null && against.isPresent() && against.getAsDouble() != 0) {
          ratios.add(own / against.getAsDouble());
        }
      }
      return ratios.isEmpty() ? null : Spread.of(ratios);
    }

    private OptionalDouble value(String peer, int repeat, Figure figure) {
      return runs.stream()
          .filter(run -> run.peer().equals(peer) && run.repeat() == repeat)
          .filter(run -> run.figures().containsKey(figure.label()))
          .mapToDouble(run -> run.figures().getOrDefault(figure.label(), 0.0))
          .findFirst();
    }
  }

  /** The runs by scenario and layout, in the order they were first run. */
  public List<Cell> cells() {
    Map<String, Cell> cells = new LinkedHashMap<>();
    for (Run run : runs) {
      cells
          .computeIfAbsent(
              run.scenario() + " " + run.layout(),
              key -> new Cell(run.scenario(), run.title(), run.layout(), new ArrayList<>()))
          .runs()
          .add(run);
    }
    return List.copyOf(cells.values());
  }

  /** Writes it as JSON. */
  public void write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, Json.PRETTY.writeValueAsString(this) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one. */
  public static Report read(Path file) {
    try {
      return Json.LINE.readValue(Files.readString(file), Report.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
