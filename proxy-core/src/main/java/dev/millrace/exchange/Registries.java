package dev.millrace.exchange;

import dev.millrace.route.Route;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The remotes that are container registries, by their names and by the hosts that they mirror.
 *
 * <p>Threading: immutable.
 */
final class Registries {
  private static final String TYPE = "docker";

  /** Docker Hub is asked for by one host and answers at others. */
  private static final String HUB = "docker.io";

  private static final Set<String> HUB_HOSTS = Set.of("registry-1.docker.io", "index.docker.io");

  private final Map<String, Remote> byName = new HashMap<>();
  private final Map<String, Remote> byHost = new HashMap<>();

  /** Of those remotes that are registries; of several with one host the first. */
  Registries(List<Remote> remotes) {
    for (Remote remote : remotes) {
      if (remote.format().name().equals(TYPE)) {
        byName.put(remote.settings().name(), remote);
        String host = host(remote.settings().baseUrl());
        byHost.putIfAbsent(host, remote);
        if (HUB_HOSTS.contains(host)) {
          byHost.putIfAbsent(HUB, remote);
        }
      }
    }
  }

  /** The remote of that name; null when there is none, or it is no registry. */
  @Nullable Remote find(Route.RegistryName named) {
    return switch (named) {
      case Route.RegistryName.Remote(String name) -> byName.get(name);
      case Route.RegistryName.Host(String host) -> byHost.get(host.toLowerCase(Locale.ROOT));
    };
  }

  private static String host(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    return url.getPort() < 0 ? host : host + ":" + url.getPort();
  }
}
