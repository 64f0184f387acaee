package dev.millrace.config;

import org.jspecify.annotations.Nullable;

/**
 * One row of {@link SettingsSchema}: a key that can be set.
 *
 * @param name dotted path from the top of the file, or within one remote
 * @param kind what it takes
 * @param defaultText what holds when it is not given; null for nothing
 * @param meaning one sentence for the documentation
 * @param <T> the value
 */
record Key<T>(String name, Kind<T> kind, @Nullable String defaultText, String meaning) {

  /** What the documentation shows as the default of a key that must be given. */
  static final String REQUIRED = "required";

  /** The row of the table in the documentation. */
  String documentation() {
    String shown =
        defaultText == null ? REQUIRED : defaultText.isEmpty() ? "none" : "`" + defaultText + "`";
    return "| `" + name + "` | " + shown + " | " + kind.allowed() + " | " + meaning + " |";
  }
}
