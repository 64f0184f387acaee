package dev.millrace.route;

import dev.millrace.observe.Refusal;

/** Where a request goes. */
public sealed interface Route {
  /**
   * A cached fetch through a remote.
   *
   * @param remote the remote's name as asked for
   * @param path raw path and query below the remote
   */
  record Remote(String remote, String path) implements Route {}

  /**
   * A page about the process itself.
   *
   * @param page which
   */
  record ProcessPage(Page page) implements Route {}

  /**
   * Nowhere.
   *
   * @param refusal why
   */
  record Refused(Refusal refusal) implements Route {}

  /** The pages about the process. */
  enum Page {
    HEALTH,
    READY,
    VERSION,
    METRICS
  }
}
