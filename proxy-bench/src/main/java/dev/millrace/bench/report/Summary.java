package dev.millrace.bench.report;

import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.scenario.Figure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A comparison in one table: the figure that matters of each scenario, and all peers. */
public final class Summary {
  /** Looked for in this order; the first that a scenario has is shown. */
  private static final List<Figure> ONE_OF =
      List.of(Figure.TRUNCATED_SERVED, Figure.READER_KIB, Figure.RSS_IDLE_MIB);

  private Summary() {}

  /** The table, as Markdown. */
  public static String of(Report report) {
    Set<String> peers = new LinkedHashSet<>();
    report.cells().forEach(cell -> peers.addAll(cell.peers()));
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("scenario", "layout", "figure"));
    header.addAll(peers);
    rows.add(header);
    for (Cell cell : report.cells()) {
      Figure figure = figure(cell);
      List<String> row = new ArrayList<>();
      row.add(cell.scenario() + ": " + cell.title());
      row.add(cell.layout());
      row.add(figure.label() + (figure.unit().isEmpty() ? "" : " (" + figure.unit() + ")"));
      for (String peer : peers) {
        Spread spread = cell.spread(peer, figure);
        row.add(spread == null ? "–" : figure.format(spread.median()));
      }
      rows.add(row);
    }
    return Tables.markdown(rows);
  }

  static Figure figure(Cell cell) {
    for (Figure figure : ONE_OF) {
      if (cell.figures().contains(figure)) {
        return figure;
      }
    }
    return switch (cell.scenario().replaceFirst("-.*", "")) {
      case "S4" -> Figure.GB_PER_S;
      case "S5", "S6" -> Figure.REQUESTS_PER_S;
      case "S8" -> Figure.FIRST_BYTE_MS;
      default -> Figure.WALL_S;
    };
  }
}
