package dev.millrace.observe;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.EnumMap;
import java.util.Objects;
import java.util.function.Function;

/**
 * One counter for each value of a closed enum, all made beforehand.
 *
 * <p>Threading: thread-safe once made; counting is an array access and an adder.
 *
 * @param <E> the enum
 */
final class EnumCounters<E extends Enum<E>> {
  private final EnumMap<E, CounterDataPoint> points;

  EnumCounters(Class<E> type, Function<E, CounterDataPoint> point) {
    points = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      points.put(value, point.apply(value));
    }
  }

  void add(E value, long amount) {
    Objects.requireNonNull(points.get(value)).inc(amount);
  }
}
