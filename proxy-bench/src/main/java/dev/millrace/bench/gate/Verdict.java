package dev.millrace.bench.gate;

import java.util.List;
import java.util.Locale;

/** What repeats of a figure say about its bound. */
public enum Verdict {
  /** Every repeat is within it. */
  PASS,
  /** No repeat is within it. */
  FAIL,
  /** Some are and some are not: measured once more, then a warning. */
  NOISY,
  /** This machine cannot measure it. */
  SKIPPED;

  /** Of these values. */
  static Verdict of(GateRow.Bound bound, List<Double> values) {
    if (values.isEmpty()) {
      return SKIPPED;
    }
    long within = values.stream().filter(bound::allows).count();
    if (within == values.size()) {
      return PASS;
    }
    return within == 0 ? FAIL : NOISY;
  }

  /** As it stands in a table. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
