package dev.millrace.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything one process is told, checked and complete.
 *
 * @param listen where clients connect; port 0 picks a free one
 * @param tls TLS towards clients, null for none
 * @param dataDir folder of blobs, spool and, where it is a file, catalog
 * @param catalog the catalog's server, null for a file in {@code dataDir}
 * @param diskQuotaBytes bytes of blobs kept; eviction starts above
 * @param spool what is kept of bodies that broke off
 * @param bodyMemoryBytes global budget for body bytes in memory
 * @param drainTimeout how long running answers may take at shutdown
 * @param accessLog {@code stdout}, {@code stderr}, {@code off} or a file's path
 * @param outward what the proxy is called
 * @param transport {@code auto}, {@code epoll}, {@code io_uring} or {@code nio}
 * @param threads event loops and fill threads
 * @param limits limits that an operator may change
 * @param remotes the remotes
 */
public record Settings(
    Listen listen,
    @Nullable TlsSettings tls,
    Path dataDir,
    @Nullable CatalogSettings catalog,
    long diskQuotaBytes,
    SpoolLimits spool,
    long bodyMemoryBytes,
    Duration drainTimeout,
    String accessLog,
    Outward outward,
    Transport transport,
    Threads threads,
    ServerLimits limits,
    List<RemoteSettings> remotes) {

  /** Copies the list. */
  public Settings {
    remotes = List.copyOf(remotes);
  }

  /**
   * What clients call this proxy.
   *
   * @param publicUrl base of its links; null for what each client asked
   * @param trustedProxies whose word on that is believed
   */
  public record Outward(@Nullable URI publicUrl, Networks trustedProxies) {}

  /**
   * A listen address.
   *
   * @param host name or literal address
   * @param port 0 to 65535
   */
  public record Listen(String host, int port) {}

  /**
   * Thread counts; zero means one for each core.
   *
   * @param loops event loops
   * @param fill fill threads
   */
  public record Threads(int loops, int fill) {}

  /** How sockets are driven. */
  public enum Transport {
    /** epoll where it loads, else NIO. */
    AUTO,
    EPOLL,
    IO_URING,
    NIO
  }
}
