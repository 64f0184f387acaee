package dev.millrace.bench.gate;

/**
 * One figure that may not get worse.
 *
 * @param figure its name
 * @param probe what measures it
 * @param bound where it has to stay
 * @param repeats how often it is measured before it is judged
 * @param optional whether a machine that cannot measure it may leave it out
 * @param comment why the bound is where it is
 */
public record GateRow(
    String figure, ProbeName probe, Bound bound, int repeats, boolean optional, String comment) {

  /** What can be measured, and takes a start of its own. */
  public enum ProbeName {
    /** Memory and allocation: bodies of two lengths. */
    COLD,
    /** Many clients, one cold body. */
    JOIN,
    /** A slow reader in front of a fill. */
    SLOW,
    /** What is left open afterwards. */
    LEFT,
    /** Time next to the bare relay. */
    RATIO,
    /** System calls. */
    CALLS
  }

  /**
   * Where a figure has to stay.
   *
   * @param atLeast whether it may not be smaller, instead of not larger
   * @param limit the figure aimed at
   * @param tolerance how far beyond it may be, as a part of it
   */
  public record Bound(boolean atLeast, double limit, double tolerance) {
    /** Whether a value is allowed. */
    boolean allows(double value) {
      double slack = Math.abs(limit) * tolerance;
      return atLeast ? value >= limit - slack : value <= limit + slack;
    }

    /** As it is read in a table. */
    String text() {
      String percent = tolerance == 0 ? "" : " ± " + Math.round(tolerance * 100) + " %";
      return (atLeast ? "≥ " : "≤ ") + trimmed(limit) + percent;
    }

    private static String trimmed(double value) {
      return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
  }
}
