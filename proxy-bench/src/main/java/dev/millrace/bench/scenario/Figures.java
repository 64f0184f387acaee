package dev.millrace.bench.scenario;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The figures of one run.
 *
 * <p>Threading: for one thread.
 */
public final class Figures {
  private final Map<Figure, Double> values = new EnumMap<>(Figure.class);

  /** Adds one, or replaces it. */
  public Figures with(Figure figure, double value) {
    values.put(figure, value);
    return this;
  }

  /** The value of one. Errors: unchecked when it was not measured. */
  public double of(Figure figure) {
    Double value = values.get(figure);
    if (value == null) {
      throw new IllegalStateException(figure + " was not measured");
    }
    return value;
  }

  /** All of them. */
  public Map<Figure, Double> values() {
    return Collections.unmodifiableMap(values);
  }
}
