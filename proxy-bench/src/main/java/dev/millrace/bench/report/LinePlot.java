package dev.millrace.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A plot with lines, as SVG that can be read on light and dark pages. Both axes are logarithmic.
 *
 * @param title what it shows
 * @param x what is varied
 * @param y what was measured
 * @param series points by the name of their line
 */
public record LinePlot(String title, String x, String y, Map<String, List<Point>> series) {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 64;
  private static final int BOTTOM = 48;
  private static final List<String> COLORS = List.of("#3b82f6", "#e8590c", "#2f9e44", "#ae3ec9");

  /**
   * One point.
   *
   * @param x above 0
   * @param y above 0; smaller ones are drawn at the lower edge
   */
  public record Point(double x, double y) {}

  /** The whole file. */
  public String svg() {
    List<Point> all = series.values().stream().flatMap(List::stream).toList();
    Axis across = Axis.of(all.stream().mapToDouble(Point::x).toArray(), LEFT, WIDTH - RIGHT);
    Axis up = Axis.of(all.stream().mapToDouble(Point::y).toArray(), HEIGHT - BOTTOM, TOP);
    StringBuilder svg = new StringBuilder(4096);
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <style>text{fill:#333}.grid{stroke:#888;stroke-opacity:.3}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
        <text x="%d" y="18" font-size="14">%s</text>
        """
            .formatted(WIDTH, HEIGHT, LEFT, escape(title)));
    grid(svg, across, up);
    int line = 0;
    for (Map.Entry<String, List<Point>> each : series.entrySet()) {
      String color = COLORS.get(line % COLORS.size());
      draw(svg, each.getValue(), color, across, up);
      int at = LEFT + line * 170;
      svg.append(
          "<rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>".formatted(at, color));
      svg.append("<text x=\"%d\" y=\"42\">%s</text>%n".formatted(at + 15, escape(each.getKey())));
      line++;
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(StringBuilder svg, Axis across, Axis up) {
    for (double value : across.ticks()) {
      svg.append(rule(across.at(value), TOP, across.at(value), HEIGHT - BOTTOM));
      svg.append(label(across.at(value), HEIGHT - BOTTOM + 16, "middle", number(value)));
    }
    for (double value : up.ticks()) {
      svg.append(rule(LEFT, up.at(value), WIDTH - RIGHT, up.at(value)));
      svg.append(label(LEFT - 6, up.at(value) + 4, "end", number(value)));
    }
    svg.append(label((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", x));
    svg.append(
        "<text transform=\"translate(16,%d) rotate(-90)\" text-anchor=\"middle\">%s</text>%n"
            .formatted((TOP + HEIGHT - BOTTOM) / 2, escape(y)));
  }

  private static void draw(
      StringBuilder svg, List<Point> points, String color, Axis across, Axis up) {
    List<String> places = new ArrayList<>();
    for (Point point : points) {
      double px = across.at(point.x());
      double py = up.at(point.y());
      places.add(String.format(Locale.ROOT, "%.1f,%.1f", px, py));
      svg.append(
          String.format(
              Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", px, py, color));
    }
    svg.append(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n"
            .formatted(String.join(" ", places), color));
  }

  private static String rule(double x1, double y1, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        x1,
        y1,
        x2,
        y2);
  }

  private static String label(double x, double y, String anchor, String text) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        x,
        y,
        anchor,
        escape(text));
  }

  private static String number(double value) {
    return value >= 1 || value == 0
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.valueOf(value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /**
   * One axis.
   *
   * @param low smallest value
   * @param high largest value
   * @param from where the smallest lies
   * @param to where the largest lies
   */
  record Axis(double low, double high, double from, double to) {
    /** Whole powers of ten around the values. */
    static Axis of(double[] values, double from, double to) {
      double low = Double.MAX_VALUE;
      double high = 0;
      for (double value : values) {
        if (value > 0) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
      if (high == 0) {
        return new Axis(0.1, 10, from, to);
      }
      double floor = Math.pow(10, Math.floor(Math.log10(low)));
      double ceiling = Math.pow(10, Math.ceil(Math.log10(high)));
      return new Axis(floor, ceiling > floor ? ceiling : floor * 10, from, to);
    }

    double at(double value) {
      double part = Math.log(Math.max(low, value) / low) / Math.log(high / low);
      return from + part * (to - from);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      for (double tick = low; tick <= high * 1.001; tick *= 10) {
        ticks.add(tick);
      }
      return ticks;
    }
  }
}
