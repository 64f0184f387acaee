package dev.millrace.route;

import dev.millrace.observe.Refusal;
import org.jspecify.annotations.Nullable;

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
   * A cached fetch from a container registry.
   *
   * @param registry which remote
   * @param path raw path and query below its base URL, {@code v2/} included
   */
  record Registry(RegistryName registry, String path) implements Route {}

  /** The question whether this is a registry ({@code GET /v2/}). */
  record RegistryPing() implements Route {}

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

  /** How a client names a registry's remote. */
  sealed interface RegistryName {
    /**
     * By its name, the first segment of the path.
     *
     * @param name as asked for
     */
    record Remote(String name) implements RegistryName {}

    /**
     * By the host that it mirrors, as containerd does with {@code ns=}; it does so as well where it
     * was configured with a path that names the remote.
     *
     * @param host host and port as asked for, decoded
     * @param byPath the other reading, null where the path allows only one
     */
    record Host(String host, @Nullable Registry byPath) implements RegistryName {}
  }

  /** The pages about the process. */
  enum Page {
    HEALTH,
    READY,
    VERSION,
    METRICS
  }
}
