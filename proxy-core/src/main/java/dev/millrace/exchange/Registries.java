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

  /**
   * A remote, and the path that is asked of it.
   *
   * @param remote which
   * @param path below its base URL
   */
  record Found(Remote remote, String path) {}

  /**
   * What a route asks for; null when there is no such remote, or it is no registry. Where both
   * readings of a path are possible, the remote that it names is meant, unless another mirrors the
   * host.
   */
  @Nullable Found find(Route.Registry asked) {
    return switch (asked.registry()) {
      case Route.RegistryName.Remote(String name) -> found(byName.get(name), asked);
      case Route.RegistryName.Host(String host, var byPath) -> {
        Remote mirrored = byHost.get(host.toLowerCase(Locale.ROOT));
        Found named = byPath == null ? null : find(byPath);
        boolean isNamed = named != null && (mirrored == null || mirrored.equals(named.remote()));
        yield isNamed ? named : found(mirrored, asked);
      }
    };
  }

  private static @Nullable Found found(@Nullable Remote remote, Route.Registry asked) {
    return remote == null ? null : new Found(remote, asked.path());
  }

  private static String host(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    return url.getPort() < 0 ? host : host + ":" + url.getPort();
  }
}
