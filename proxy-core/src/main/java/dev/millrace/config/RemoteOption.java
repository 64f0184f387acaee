package dev.millrace.config;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Map;
import java.util.Optional;

/** A remote of the command line, {@code NAME=TYPE:URL}: all other keys have their defaults. */
final class RemoteOption {
  private static final Pattern FORM = Pattern.compile("(?s)([^=]*)=([^:]*):(.*)");

  private RemoteOption() {}

  /** The values that the option gives; empty when it does not have that form. */
  static Optional<Map<String, Given>> parse(String text, Place place) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        Map.of(
            SettingsSchema.NAME.name(), new Given.Single(match.group(1), false, place),
            SettingsSchema.PACKAGE_TYPE.name(), new Given.Single(match.group(2), false, place),
            SettingsSchema.BASE_URL.name(), new Given.Single(match.group(3), false, place)));
  }
}
