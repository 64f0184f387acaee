package dev.millrace.origin;

import org.jspecify.annotations.Nullable;

/**
 * What proves who asks, and to whom alone it is shown.
 *
 * @param origin the origin that gets it
 * @param value value of {@code Authorization}
 */
record Credential(Origin origin, String value) {
  /** The value for an origin: null for every other than its own. */
  @Nullable String valueFor(Origin asked) {
    return asked.equals(origin) ? value : null;
  }

  /** Never shows the value. */
  @Override
  public String toString() {
    return "credential for " + origin;
  }
}
