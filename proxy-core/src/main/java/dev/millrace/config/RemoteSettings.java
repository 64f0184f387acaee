package dev.millrace.config;

import com.google.re2j.Pattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One remote as configured, checked: the attributes of the contract that {@code generic} uses.
 *
 * @param name unique name
 * @param packageType which format's rules hold
 * @param baseUrl http or https, without user information, query or fragment; path without trailing
 *     slash
 * @param description free text
 * @param username upstream Basic user, empty for none
 * @param password upstream Basic password
 * @param tokenServer where a registry's token may be asked for with the credential; null for the
 *     registry itself only
 * @param immutableTtl freshness of immutable content; zero means for ever
 * @param mutableTtl freshness of mutable content
 * @param negativeTtl how long a 404 or 410 is remembered
 * @param patterns allow list; empty allows all
 * @param blocklist deny list, tested first
 * @param mutablePatterns paths that are mutable, before the format's own rules
 * @param immutablePatterns paths that are immutable
 * @param banTags tags of a registry that are refused; empty for none
 * @param checkMutable whether an expired mutable artifact is asked for conditionally
 * @param staleOnError whether an outage serves the stale copy
 * @param rewriteLinks whether links in indexes are led through this proxy
 * @param fileHosts other hosts, with their port where that is not the scheme's own, whose files are
 *     fetched through the remote
 * @param releasesRemote another remote that links below its base URL are led through, empty for
 *     none
 * @param verify what a learned digest that does not match does
 * @param earlyRange whether a range that misses the end of a body with a promised digest is served
 *     before that is proven
 * @param completePartial whether a body is fetched whole of which a part was asked for
 * @param parallelSegments fetches at once for what nobody waits for of one body
 * @param fillAfterDisconnect whether a fill goes on without clients
 * @param maxConnections connections to this upstream
 * @param timeouts waits on this upstream
 * @param caFile PEM file of further trusted certificates
 * @param allowPrivateRedirects whether a redirect may lead to a loopback, link-local or private
 *     address
 * @param allowInsecureRedirects whether a redirect may lead from https to http
 */
public record RemoteSettings(
    String name,
    String packageType,
    URI baseUrl,
    String description,
    String username,
    String password,
    @Nullable URI tokenServer,
    Duration immutableTtl,
    Duration mutableTtl,
    Duration negativeTtl,
    List<Pattern> patterns,
    List<Pattern> blocklist,
    List<Pattern> mutablePatterns,
    List<Pattern> immutablePatterns,
    List<Pattern> banTags,
    boolean checkMutable,
    boolean staleOnError,
    boolean rewriteLinks,
    Set<String> fileHosts,
    String releasesRemote,
    Verify verify,
    boolean earlyRange,
    CompletePartial completePartial,
    int parallelSegments,
    boolean fillAfterDisconnect,
    int maxConnections,
    OriginTimeouts timeouts,
    @Nullable Path caFile,
    boolean allowPrivateRedirects,
    boolean allowInsecureRedirects) {

  /** What happens when a learned digest does not match. */
  public enum Verify {
    /** The answer is aborted and nothing is stored. */
    ENFORCE,
    /** It is counted and logged only. */
    REPORT,
    /** Learned digests are not looked at. */
    OFF
  }

  /** What becomes of a large body of which only parts were asked for. */
  public enum CompletePartial {
    /** It is fetched whole once more than half of it was asked for. */
    AUTO,
    /** It is fetched whole. */
    ALWAYS,
    /** Only what is asked for is fetched. */
    NEVER
  }

  /**
   * Waits on an upstream. There is no limit on the whole transfer.
   *
   * @param dial until the connection stands
   * @param tls until the handshake is done
   * @param responseHead from the request until the head is whole
   * @param idle between two bytes of the body
   */
  public record OriginTimeouts(Duration dial, Duration tls, Duration responseHead, Duration idle) {}

  /**
   * Whether files of that host, with its port where that is not the scheme's own, are its files.
   */
  public boolean hasFilesAt(String authority) {
    return fileHosts.contains(authority);
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return "remote " + name + " (" + packageType + ", " + baseUrl + ")";
  }
}
