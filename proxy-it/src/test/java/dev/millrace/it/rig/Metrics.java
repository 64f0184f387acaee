package dev.millrace.it.rig;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One reading of {@code /metrics}: sample, labels included, to value.
 *
 * <p>Threading: immutable.
 */
public record Metrics(Map<String, Double> samples) {

  /** Parses the Prometheus text form. */
  public static Metrics parse(String text) {
    Map<String, Double> samples = new LinkedHashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(line -> {
          int space = line.lastIndexOf(' ');
          samples.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
    return new Metrics(samples);
  }

  /** The sum of all samples of a name over its labels; 0 when there is none. */
  public double sum(String name) {
    return sum(name, "");
  }

  /** The sum of the samples of a name whose labels contain the text. */
  public double sum(String name, String labelText) {
    return samples.entrySet().stream()
        .filter(e -> nameOf(e.getKey()).equals(name) && e.getKey().contains(labelText))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** Whether there is a sample of this name. */
  public boolean has(String name) {
    return samples.keySet().stream().anyMatch(key -> nameOf(key).equals(name));
  }

  /** How many series there are. */
  public int series() {
    return samples.size();
  }

  /** All series names with labels. */
  public Collection<String> names() {
    return samples.keySet();
  }

  private static String nameOf(String key) {
    int brace = key.indexOf('{');
    return brace < 0 ? key : key.substring(0, brace);
  }
}
