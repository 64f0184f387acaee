package dev.millrace.route;

import dev.millrace.observe.Refusal;

/**
 * Reads a request target in origin form.
 *
 * <p>Threading: stateless.
 */
public final class Router {
  private static final String REMOTE_PREFIX = "/api/v1/remote/";

  /** The route of a target that starts with a slash. */
  public Route route(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    if (!PathSyntax.isAcceptable(path) || !PathSyntax.hasValidEscapes(target)) {
      return new Route.Refused(Refusal.BAD_PATH);
    }
    if (path.startsWith(REMOTE_PREFIX)) {
      int slash = path.indexOf('/', REMOTE_PREFIX.length());
      if (slash > REMOTE_PREFIX.length()) {
        return new Route.Remote(
            path.substring(REMOTE_PREFIX.length(), slash), target.substring(slash + 1));
      }
      return new Route.Refused(Refusal.NO_ROUTE);
    }
    return switch (path) {
      case "/health" -> new Route.ProcessPage(Route.Page.HEALTH);
      case "/ready" -> new Route.ProcessPage(Route.Page.READY);
      case "/version" -> new Route.ProcessPage(Route.Page.VERSION);
      case "/metrics" -> new Route.ProcessPage(Route.Page.METRICS);
      default -> new Route.Refused(Refusal.NO_ROUTE);
    };
  }
}
