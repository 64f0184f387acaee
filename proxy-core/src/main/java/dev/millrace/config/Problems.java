package dev.millrace.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Collects what is wrong, so that an operator sees everything at once.
 *
 * <p>Threading: confined to the thread that reads the settings.
 */
final class Problems {
  private record Problem(Place place, String text) {}

  private final List<Problem> problems = new ArrayList<>();

  /** Notes what is wrong with a key. */
  void add(Place place, String key, String what) {
    problems.add(new Problem(place, place + ": " + key + ": " + what));
  }

  /** Notes what is wrong with a source as a whole. */
  void add(Place place, String what) {
    problems.add(new Problem(place, place + ": " + what));
  }

  /** Ends the reading when there is any problem. */
  void throwIfAny() throws ConfigException {
    if (problems.isEmpty()) {
      return;
    }
    // Lines of the file come first and in its order; the sort is stable for all others.
    Comparator<Problem> order =
        Comparator.comparingInt(
            problem -> problem.place().line() == 0 ? Integer.MAX_VALUE : problem.place().line());
    throw new ConfigException(problems.stream().sorted(order).map(Problem::text).toList());
  }
}
