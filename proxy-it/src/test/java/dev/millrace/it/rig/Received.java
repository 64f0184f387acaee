package dev.millrace.it.rig;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as the upstream received it.
 *
 * @param connection the number of the connection it came on, from 1
 * @param headText the head verbatim, one char a byte, without the empty line at its end
 */
public record Received(int connection, String headText) {

  /** The request line. */
  public String requestLine() {
    int end = headText.indexOf("\r\n");
    return end < 0 ? headText : headText.substring(0, end);
  }

  /** The method. */
  public String method() {
    return part(0);
  }

  /** The target as sent, query included. */
  public String target() {
    return part(1);
  }

  /** The target without its query. */
  public String path() {
    String target = target();
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** The first value of a field, or null. */
  public @Nullable String first(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? null : all.get(0);
  }

  /** All values of a field. */
  public List<String> all(String name) {
    List<String> values = new ArrayList<>();
    headText
        .lines()
        .skip(1)
        .forEach(line -> {
          int colon = line.indexOf(':');
          if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
            values.add(line.substring(colon + 1).strip());
          }
        });
    return values;
  }

  /** Whether the field was sent. */
  public boolean has(String name) {
    return first(name) != null;
  }

  private String part(int index) {
    String line = requestLine();
    int first = line.indexOf(' ');
    int last = line.lastIndexOf(' ');
    if (first < 0 || last <= first) {
      return index == 0 ? line : "";
    }
    return index == 0 ? line.substring(0, first) : line.substring(first + 1, last);
  }
}
