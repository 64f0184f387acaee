package dev.millrace.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields of an upstream's head, whatever library holds them. */
@FunctionalInterface
public interface Fields {
  /** The values of all lines of that field, in their order. */
  List<String> all(String name);

  /** The lines joined by commas (RFC 9110 §5.3), or null when there is none. */
  default @Nullable String joined(String name) {
    List<String> lines = all(name);
    return lines.isEmpty() ? null : String.join(", ", lines);
  }
}
