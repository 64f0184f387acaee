package dev.millrace.server;

import dev.millrace.observe.Refusal;
import org.jspecify.annotations.Nullable;

/** Where a parser leaves the first thing that is wrong. Threading: confined to its decoder. */
final class Problem {
  private @Nullable Refusal refusal;

  /** Notes it. */
  void note(Refusal found) {
    refusal = found;
  }

  /** What is wrong; BAD_REQUEST when nobody said. */
  Refusal refusal() {
    Refusal found = refusal;
    return found == null ? Refusal.BAD_REQUEST : found;
  }
}
