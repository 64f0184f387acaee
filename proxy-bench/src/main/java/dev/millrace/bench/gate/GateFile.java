package dev.millrace.bench.gate;

import dev.millrace.bench.gate.GateRow.Bound;
import dev.millrace.bench.gate.GateRow.ProbeName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads {@code gate.yaml}. */
final class GateFile {
  private static final Set<String> KEYS =
      Set.of(
          "figure", "probe", "at_most", "at_least", "tolerance", "repeats", "optional", "comment");

  private GateFile() {}

  /** The rows of a file. Errors: unchecked when it has a fault. */
  static List<GateRow> read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<GateRow> parse(String text) {
    Object whole = new Load(LoadSettings.builder().build()).loadFromString(text);
    if (!(whole instanceof Map<?, ?> map) || !(map.get("rows") instanceof List<?> list)) {
      throw new IllegalArgumentException("no list of rows");
    }
    List<GateRow> rows = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Object item : list) {
      GateRow row = row(item);
      if (!names.add(row.figure())) {
        throw new IllegalArgumentException(row.figure() + " is there twice");
      }
      rows.add(row);
    }
    return rows;
  }

  private static GateRow row(Object item) {
    if (!(item instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("not a row: " + item);
    }
    for (Object key : map.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        throw new IllegalArgumentException("unknown key: " + key);
      }
    }
    boolean atLeast = map.containsKey("at_least");
    if (atLeast == map.containsKey("at_most")) {
      throw new IllegalArgumentException("one of at_most and at_least: " + map);
    }
    double limit = number(map, atLeast ? "at_least" : "at_most");
    return new GateRow(
        text(map, "figure"),
        ProbeName.valueOf(text(map, "probe").toUpperCase(Locale.ROOT)),
        new Bound(atLeast, limit, map.containsKey("tolerance") ? number(map, "tolerance") : 0),
        map.containsKey("repeats") ? (int) number(map, "repeats") : 1,
        Boolean.TRUE.equals(map.get("optional")),
        text(map, "comment"));
  }

  private static String text(Map<?, ?> map, String key) {
    Object value = map.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in " + map);
    }
    return String.valueOf(value);
  }

  private static double number(Map<?, ?> map, String key) {
    if (map.get(key) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(key + " is not a number in " + map);
  }
}
