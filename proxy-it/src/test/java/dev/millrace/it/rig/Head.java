package dev.millrace.it.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The head of an answer as it was received.
 *
 * <p>Threading: immutable.
 */
public record Head(String statusLine, int status, List<Field> fields) {

  /** One field line; the name as sent. */
  public record Field(String name, String value) {}

  /** Copies the fields. */
  public Head {
    fields = List.copyOf(fields);
  }

  /** Parses the lines of a head without the empty last one. */
  public static Head parse(List<String> lines) {
    String first = lines.isEmpty() ? "" : lines.get(0);
    int status = -1;
    if (first.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
      status = Integer.parseInt(first.substring(9, 12));
    }
    List<Field> fields = new ArrayList<>();
    for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.add(new Field(line.substring(0, colon), line.substring(colon + 1).strip()));
      }
    }
    return new Head(first, status, fields);
  }

  /** The first value of a field, or null. */
  public @Nullable String first(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  /** The first value of a field, or the empty string. */
  public String text(String name) {
    String value = first(name);
    return value == null ? "" : value;
  }

  /** All values of a field in their order. */
  public List<String> all(String name) {
    return fields.stream().filter(f -> f.name().equalsIgnoreCase(name)).map(Field::value).toList();
  }

  /** Whether the field is there at all. */
  public boolean has(String name) {
    return first(name) != null;
  }

  /** The announced length, or -1. */
  public long contentLength() {
    String value = first("Content-Length");
    return value == null ? -1 : Long.parseLong(value);
  }

  /** Whether the body is chunked. */
  public boolean chunked() {
    return text("Transfer-Encoding").toLowerCase(Locale.ROOT).contains("chunked");
  }

  /** Who the answer came from: {@code remote}, {@code cache} or empty. */
  public String source() {
    return text("X-Artifact-Source");
  }
}
