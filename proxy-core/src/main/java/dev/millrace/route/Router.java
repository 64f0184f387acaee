package dev.millrace.route;

import dev.millrace.artifact.RegistryPath;
import dev.millrace.observe.Refusal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request target in origin form.
 *
 * <p>Threading: stateless.
 */
public final class Router {
  private static final String REMOTE_PREFIX = "/api/v1/remote/";
  private static final String REGISTRY_PREFIX = "/v2/";
  private static final String HOST_PARAMETER = "ns=";

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
    if (path.equals("/v2") || path.startsWith(REGISTRY_PREFIX)) {
      return registry(path, query < 0 ? "" : target.substring(query + 1));
    }
    return switch (path) {
      case "/health" -> new Route.ProcessPage(Route.Page.HEALTH);
      case "/ready" -> new Route.ProcessPage(Route.Page.READY);
      case "/version" -> new Route.ProcessPage(Route.Page.VERSION);
      case "/metrics" -> new Route.ProcessPage(Route.Page.METRICS);
      default -> new Route.Refused(Refusal.NO_ROUTE);
    };
  }

  /** The first segment names the remote, unless {@code ns=} does. */
  private static Route registry(String path, String query) {
    if (path.length() <= REGISTRY_PREFIX.length()) {
      return new Route.RegistryPing();
    }
    String named = path.substring(REGISTRY_PREFIX.length());
    List<String> parameters = query.isEmpty() ? List.of() : List.of(query.split("&", -1));
    List<String> hosts = parameters.stream().filter(Router::namesHost).toList();
    String rest =
        parameters.stream()
            .filter(parameter -> !namesHost(parameter))
            .collect(Collectors.joining("&"));
    Route.Registry byPath = byPath(named, rest);
    if (hosts.isEmpty() && byPath != null) {
      return byPath;
    }
    if (hosts.size() != 1 || RegistryPath.parse(named) == null) {
      return new Route.Refused(Refusal.NO_ROUTE);
    }
    String host =
        URLDecoder.decode(
            hosts.getFirst().substring(HOST_PARAMETER.length()), StandardCharsets.UTF_8);
    return new Route.Registry(new Route.RegistryName.Host(host, byPath), upstreamPath(named, rest));
  }

  private static Route.@Nullable Registry byPath(String named, String query) {
    int slash = named.indexOf('/');
    if (slash < 1 || RegistryPath.parse(named.substring(slash + 1)) == null) {
      return null;
    }
    return new Route.Registry(
        new Route.RegistryName.Remote(named.substring(0, slash)),
        upstreamPath(named.substring(slash + 1), query));
  }

  private static String upstreamPath(String named, String query) {
    String path = REGISTRY_PREFIX.substring(1) + named;
    return query.isEmpty() ? path : path + "?" + query;
  }

  private static boolean namesHost(String parameter) {
    return parameter.startsWith(HOST_PARAMETER);
  }
}
