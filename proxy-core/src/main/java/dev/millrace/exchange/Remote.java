package dev.millrace.exchange;

import dev.millrace.config.RemoteSettings;
import dev.millrace.format.Classifier;
import dev.millrace.format.Format;
import dev.millrace.format.Formats;
import dev.millrace.policy.PathRules;

/**
 * A remote with its rules made ready.
 *
 * @param settings as configured
 * @param format its package type
 * @param rules its allow and deny lists
 * @param classifier how its paths change
 */
record Remote(RemoteSettings settings, Format format, PathRules rules, Classifier classifier) {
  static Remote of(RemoteSettings settings) {
    Format format = Formats.named(settings.packageType());
    if (format == null) {
      throw new IllegalArgumentException(
          "remote " + settings.name() + ": no package type " + settings.packageType());
    }
    return new Remote(settings, format, new PathRules(settings), new Classifier(settings, format));
  }
}
