package dev.millrace.bench.gate;

import dev.millrace.bench.gate.GateRow.ProbeName;
import dev.millrace.bench.report.Spread;
import dev.millrace.bench.rig.Rig;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Holds the figures of a source tree against their bounds. What is beyond its bound, or not the
 * same each time, is measured again before it is judged.
 *
 * <p>Threading: for one thread.
 */
public final class Gate {
  private static final int MORE_REPEATS = 2;

  private final Probes probes;
  private final Consumer<String> progress;
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  /**
   * What came of one row.
   *
   * @param row the row
   * @param values all that was measured
   * @param verdict what they say
   */
  public record Outcome(GateRow row, List<Double> values, Verdict verdict) {
    /** Whether the gate has to fail. */
    public boolean isFailure() {
      return verdict == Verdict.FAIL || (verdict == Verdict.SKIPPED && !row.optional());
    }

    /** Whether the gate has to fail for a number, and not because the proxy broke. */
    public boolean isMeasuredFailure() {
      return verdict == Verdict.FAIL && values.stream().noneMatch(value -> value.isNaN());
    }

    /** As a row of a table: figure, values, bound, verdict. */
    public List<String> cells() {
      return List.of(row.figure(), measured(), row.bound().text(), verdict.label());
    }

    private String measured() {
      if (values.isEmpty()) {
        return "–";
      }
      Spread spread = Spread.of(values);
      String median = "%.2f".formatted(spread.median());
      return values.size() == 1
          ? median
          : median + " [%.2f–%.2f]".formatted(spread.min(), spread.max());
    }
  }

  /** A gate for the proxy of that source tree; {@code progress} is told what is under way. */
  public Gate(Rig rig, Path tree, Consumer<String> progress) {
    this.probes = new Probes(rig, tree);
    this.progress = progress;
  }

  /** The rows of the source tree. */
  public static List<GateRow> rows(Path tree) {
    return GateFile.read(tree.resolve("proxy-bench/gate.yaml"));
  }

  /** Measures the rows once and judges them: for what has to be far beyond its bound. */
  public List<Outcome> judgeOnce(List<GateRow> rows) {
    Set<ProbeName> wanted = EnumSet.noneOf(ProbeName.class);
    rows.forEach(row -> wanted.add(row.probe()));
    wanted.forEach(probe -> measure(rows, probe, 1));
    return rows.stream().map(this::outcome).toList();
  }

  /** Measures the rows, those in doubt again, and judges them. */
  public List<Outcome> judge(List<GateRow> rows) {
    Set<ProbeName> wanted = EnumSet.noneOf(ProbeName.class);
    rows.forEach(row -> wanted.add(row.probe()));
    for (ProbeName probe : wanted) {
      int repeats =
          rows.stream()
              .filter(row -> row.probe() == probe)
              .mapToInt(GateRow::repeats)
              .max()
              .orElse(1);
      measure(rows, probe, repeats);
      if (rows.stream().filter(row -> row.probe() == probe).anyMatch(this::isInDoubt)) {
        measure(rows, probe, MORE_REPEATS);
      }
    }
    return rows.stream().map(this::outcome).toList();
  }

  private boolean isInDoubt(GateRow row) {
    Verdict verdict = outcome(row).verdict();
    return verdict == Verdict.FAIL || verdict == Verdict.NOISY;
  }

  private Outcome outcome(GateRow row) {
    List<Double> measured = values.getOrDefault(row.figure(), List.of());
    return new Outcome(row, measured, Verdict.of(row.bound(), measured));
  }

  private void measure(List<GateRow> rows, ProbeName probe, int repeats) {
    for (int i = 1; i <= repeats; i++) {
      progress.accept(probe.name().toLowerCase(Locale.ROOT) + " " + i + "/" + repeats);
      try {
        probes.measure(probe).forEach(this::add);
      } catch (UncheckedIOException | IllegalStateException e) {
        // A proxy that died under its probe: no number, and so within no bound.
        progress.accept("broken: " + e);
        rows.stream()
            .filter(row -> row.probe() == probe)
            .forEach(row -> add(row.figure(), Double.NaN));
      }
    }
  }

  private void add(String figure, double value) {
    values.computeIfAbsent(figure, key -> new ArrayList<>()).add(value);
  }
}
