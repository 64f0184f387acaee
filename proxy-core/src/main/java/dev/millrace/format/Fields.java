package dev.millrace.format;

import org.jspecify.annotations.Nullable;

/** The fields of an upstream's head, whatever library holds them. */
@FunctionalInterface
public interface Fields {
  /** The first value of that field, or null. */
  @Nullable String first(String name);
}
