package dev.millrace.bench.report;

import dev.millrace.bench.report.Report.Cell;
import dev.millrace.bench.scenario.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tables of results, as text that is Markdown, too. */
public final class Tables {
  private Tables() {}

  /** One row for each figure, one column for each peer, then the ratios of the first one. */
  public static String of(Cell cell, List<Figure> figures) {
    List<String> peers = List.copyOf(cell.peers());
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>();
    header.add(cell.scenario() + " " + cell.layout());
    header.addAll(peers);
    peers.stream().skip(1).forEach(other -> header.add("÷ " + other));
    rows.add(header);
    for (Figure figure : figures) {
      if (!cell.figures().contains(figure)) {
        continue;
      }
      List<String> row = new ArrayList<>();
      row.add(figure.label() + (figure.unit().isEmpty() ? "" : " (" + figure.unit() + ")"));
      for (String peer : peers) {
        row.add(text(figure, cell.spread(peer, figure)));
      }
      for (String other : peers.subList(1, peers.size())) {
        row.add(ratio(cell.ratio(peers.getFirst(), other, figure)));
      }
      rows.add(row);
    }
    return markdown(rows);
  }

  /** Median and spread of a figure. */
  static String text(Figure figure, @org.jspecify.annotations.Nullable Spread spread) {
    if (spread == null) {
      return "–";
    }
    String median = figure.format(spread.median());
    return spread.min() == spread.max()
        ? median
        : median + " [" + figure.format(spread.min()) + "–" + figure.format(spread.max()) + "]";
  }

  /** Median and spread of a ratio. */
  static String ratio(@org.jspecify.annotations.Nullable Spread spread) {
    return spread == null
        ? "–"
        : String.format(
            Locale.ROOT, "%.2f [%.2f–%.2f]", spread.median(), spread.min(), spread.max());
  }

  /** Rows of cells with aligned columns; the first row is the header. */
  public static String markdown(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      lines.add(line(row, widths));
      if (lines.size() == 1) {
        StringBuilder rule = new StringBuilder("|");
        for (int width : widths) {
          rule.append("-".repeat(width + 2)).append('|');
        }
        lines.add(rule.toString());
      }
    }
    return lines.stream().collect(Collectors.joining("\n", "", "\n"));
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      line.append(' ').append(cell).append(" ".repeat(widths[i] - cell.length())).append(" |");
    }
    return line.toString();
  }
}
