package dev.millrace.it.rig;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One line of the request log: names and values as they were written.
 *
 * <p>Threading: immutable.
 *
 * <p>Errors: a line that is no flat JSON object, or names something twice, fails the test.
 */
public record LogLine(Map<String, Object> values) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Copies the values. */
  public LogLine {
    values = Map.copyOf(values);
  }

  /** The request lines of an output, in their order. */
  public static List<LogLine> all(List<String> output) {
    return output.stream().filter(line -> line.startsWith("{")).map(LogLine::parse).toList();
  }

  private static LogLine parse(String line) {
    Map<String, Object> values = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
      check(parser.nextToken() == JsonToken.START_OBJECT, line);
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        Object value =
            parser.nextToken() == JsonToken.VALUE_STRING
                ? parser.getString()
                : (Object) parser.getLongValue();
        check(values.put(name, value) == null, line);
      }
      check(parser.currentToken() == JsonToken.END_OBJECT, line);
      check(parser.nextToken() == null, line);
    }
    return new LogLine(values);
  }

  private static void check(boolean right, String line) {
    if (!right) {
      throw new AssertionError("not a line of the request log: " + line);
    }
  }

  /** Whether the line names this. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** A text; fails when it is missing or something else. */
  public String text(String name) {
    return (String) value(name);
  }

  /** A number; fails when it is missing or something else. */
  public long number(String name) {
    return (Long) value(name);
  }

  private Object value(String name) {
    return Objects.requireNonNull(values.get(name), () -> name + " is missing in " + values);
  }
}
