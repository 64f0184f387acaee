package dev.millrace.bench.report;

import java.util.Arrays;
import java.util.List;

/**
 * What repeats of one figure say together.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param min the smallest
 * @param max the largest
 */
public record Spread(double median, double min, double max) {

  /** Of at least one value. */
  public static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  /** How far the values lie apart, as a part of the median; 0 for a median of 0. */
  public double relativeWidth() {
    return median == 0 ? 0 : (max - min) / Math.abs(median);
  }
}
