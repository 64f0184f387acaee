package dev.millrace.bench.rig;

import java.util.HashMap;
import java.util.Map;

/**
 * A page of metrics as text.
 *
 * @param values by name; values with labels are added up
 */
public record MetricsPage(Map<String, Double> values) {

  /** Of a process that says nothing. */
  public static final MetricsPage NONE = new MetricsPage(Map.of());

  /** Reads a page. */
  public static MetricsPage parse(String text) {
    Map<String, Double> values = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int name = line.indexOf('{') < 0 ? line.indexOf(' ') : line.indexOf('{');
      int value = line.lastIndexOf('}') < 0 ? line.indexOf(' ') : line.lastIndexOf('}') + 1;
      if (name > 0 && value > 0) {
        String[] rest = line.substring(value).strip().split(" ", -1);
        values.merge(line.substring(0, name), Double.valueOf(rest[0]), Double::sum);
      }
    }
    return new MetricsPage(values);
  }

  /** The page of a proxy on loopback. */
  public static MetricsPage fetch(int port) {
    return parse(LocalHttp.get(port, "/metrics"));
  }

  /** One value. Errors: unchecked when the page does not have it. */
  public double of(String name) {
    Double value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("no " + name + " among the metrics");
    }
    return value;
  }
}
