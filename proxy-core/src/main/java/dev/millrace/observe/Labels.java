package dev.millrace.observe;

import java.util.Locale;

/** The one spelling of enum names outside the process: lower case with hyphens. */
final class Labels {
  private Labels() {}

  static String of(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
