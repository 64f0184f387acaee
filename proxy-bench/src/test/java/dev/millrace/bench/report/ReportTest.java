package dev.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.report.LinePlot.Point;
import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.report.Report.Run;
import dev.millrace.bench.scenario.Figure;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What repeats say together, and how it is shown. */
final class ReportTest {
  private static final Environment FROM = new Environment("m", "j", "r", "d", "c");

  @TempDir Path folder;

  @Test
  void spread_hasMedianAndEnds() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 3));
    assertThat(Spread.of(List.of(4.0, 1.0))).isEqualTo(new Spread(2.5, 1, 4));
    assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratios_areTakenRepeatByRepeat() {
    Cell cell =
        report(run("a", 1, 2), run("b", 1, 1), run("a", 2, 9), run("b", 2, 3), run("a", 3, 5))
            .cells()
            .getFirst();

    assertThat(cell.ratio("a", "b", Figure.WALL_S)).isEqualTo(new Spread(2.5, 2, 3));
    assertThat(cell.ratio("a", "c", Figure.WALL_S)).isNull();
    assertThat(cell.spread("a", Figure.CPU_S)).isNull();
  }

  @Test
  void report_comesBackFromItsFile() {
    Report report = report(run("a", 1, 2.5));
    report.write(folder.resolve("x/report.json"));

    assertThat(Report.read(folder.resolve("x/report.json"))).isEqualTo(report);
  }

  @Test
  void table_showsMediansSpreadsAndRatios() {
    Cell cell =
        report(run("a", 1, 2), run("b", 1, 1), run("a", 2, 4), run("b", 2, 1)).cells().getFirst();

    assertThat(Tables.of(cell, List.of(Figure.WALL_S)).lines().toList().getLast())
        .contains("wall_s (s)", "3.00 [2.00–4.00]", "| 1.00 ", "3.00 [2.00–4.00] |");
  }

  @Test
  void markedPlace_isRewrittenAndNothingElse() {
    String text = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";

    assertThat(MarkedText.replace(text, "x", "new"))
        .isEqualTo("a\n<!-- bench:x -->\nnew\n<!-- /bench:x -->\nb\n");
    assertThat(MarkedText.has(text, "y")).isFalse();
  }

  @Test
  void plot_hasALineForEachSeries() {
    String svg =
        new LinePlot(
                "a < b",
                "x",
                "y",
                Map.of("one", List.of(new Point(1, 10), new Point(100, 1000)), "two", List.of()))
            .svg();

    assertThat(svg).startsWith("<svg").endsWith("</svg>\n").contains("a &lt; b", ">one<", ">1000<");
    assertThat(svg.split("<polyline", -1)).hasSize(3);
  }

  private static Report report(Run... runs) {
    return new Report(FROM, List.of(), List.of(runs));
  }

  private static Run run(String peer, int repeat, double wall) {
    return new Run("S1", "t", "free", peer, repeat, Map.of("wall_s", wall));
  }
}
