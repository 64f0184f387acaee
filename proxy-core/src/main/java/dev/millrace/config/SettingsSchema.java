package dev.millrace.config;

import com.google.re2j.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every key that can be set, one row each: the parser reads by this table and the documentation is
 * checked against it.
 */
final class SettingsSchema {
  private static final Duration ZERO = Duration.ZERO;
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration CENTURY = Duration.ofDays(36_500);

  /** The smallest budget with which every loop can read at all. */
  static final long BODY_MEMORY_MIN = 4L << 20;

  static final Key<Settings.Listen> LISTEN =
      new Key<>("listen", new Kind.Address(), "127.0.0.1:8000", "where clients connect");
  static final Key<Settings.Listen> TLS_LISTEN =
      new Key<>(
          "tls.listen", new Kind.Address(), "", "where clients connect by TLS, beside `listen`");
  static final Key<Path> TLS_CERTIFICATE =
      new Key<>(
          "tls.certificate",
          new Kind.FilePath("PEM or PKCS#12 file"),
          "",
          "the chain that clients are shown, leaf first; read again when it changes");
  static final Key<Path> TLS_KEY =
      new Key<>(
          "tls.key", new Kind.FilePath("PEM file"), "", "its key; none where PKCS#12 holds it");
  static final Key<String> TLS_PASSWORD =
      new Key<>(
          "tls.password", new Kind.Text("text", 1024), "", "of the key or of the PKCS#12 file");
  static final Key<Path> DATA_DIR =
      new Key<>(
          "data_dir",
          new Kind.FilePath("folder"),
          "millrace-data",
          "blobs, spool and catalog; made when missing; one process at a time");
  static final Key<DatabaseUrl> CATALOG_URL =
      new Key<>(
          "catalog.url",
          new Kind.Database(),
          "",
          "a database of PostgreSQL 14 to 18 for the catalog instead of a file in `data_dir`; one for"
              + " each data folder; `?sslmode=` as in libpq");
  static final Key<String> CATALOG_USERNAME =
      new Key<>("catalog.username", new Kind.Text("text", 1000), "", "user there; owns its tables");
  static final Key<String> CATALOG_PASSWORD =
      new Key<>("catalog.password", new Kind.Text("text", 8192), "", "of that user; shown nowhere");
  static final Key<Path> CATALOG_CA_FILE =
      new Key<>(
          "catalog.ca_file",
          new Kind.FilePath("PEM file"),
          "",
          "certificates trusted for `sslmode=verify-ca` and `verify-full` instead of the system's");
  static final Key<Integer> CATALOG_CONNECTIONS =
      new Key<>(
          "catalog.connections",
          new Kind.Whole(2, 100),
          "8",
          "connections to the database at most");
  static final Key<Duration> CATALOG_ACQUIRE_TIMEOUT =
      new Key<>(
          "catalog.acquire_timeout",
          new Kind.Span(Duration.ofMillis(250), Duration.ofSeconds(60)),
          "5s",
          "for a connection to the database; then the look-up is a miss");
  static final Key<Long> DISK_QUOTA =
      new Key<>(
          "disk_quota",
          new Kind.Bytes(1L << 20, 1L << 50),
          "100GiB",
          "blobs kept; above it the least used are evicted");
  static final Key<Duration> SPOOL_MAX_AGE =
      new Key<>(
          "spool_max_age",
          new Kind.Span(ZERO, Duration.ofDays(30)),
          "1d",
          "how long the beginning of a large body that broke off is kept, also over a restart");
  static final Key<Long> SPOOL_MAX_BYTES =
      new Key<>(
          "spool_max_bytes",
          new Kind.Bytes(0, 1L << 50),
          "10GiB",
          "what is kept of such bodies, all together; a tenth of the quota at most; the oldest go"
              + " first, and all before a body that needs their place");
  static final Key<Long> BODY_MEMORY =
      new Key<>(
          "body_memory",
          new Kind.Bytes(BODY_MEMORY_MIN, 1L << 40),
          "64MiB",
          "body bytes in memory, all connections together; the default is at most half of the JVM's"
              + " direct memory, and more than all of it is refused");
  static final Key<Duration> DRAIN_TIMEOUT =
      new Key<>(
          "drain_timeout",
          new Kind.Span(ZERO, DAY),
          "30s",
          "how long running answers may take after SIGTERM");
  static final Key<String> ACCESS_LOG =
      new Key<>(
          "access_log",
          new Kind.Text("`stdout`, `stderr`, `off` or a file", 4096),
          "stdout",
          "where the line of each request goes");
  static final Key<BaseUrl> PUBLIC_URL =
      new Key<>(
          "public_url",
          new Kind.Url(),
          "",
          "what clients call this proxy, for the links in indexes; without it they are led to what"
              + " the client asked: `Forwarded` or `X-Forwarded-*` of a trusted proxy, else `Host`");
  static final Key<Networks> TRUSTED_PROXIES =
      new Key<>(
          "trusted_proxies",
          new Kind.Blocks(),
          "",
          "proxies in front of this one whose `Forwarded` and `X-Forwarded-*` are believed");
  static final Key<Settings.Transport> TRANSPORT =
      new Key<>(
          "transport",
          new Kind.Choice<>(Settings.Transport.class),
          "auto",
          "how sockets are driven; `auto` is epoll where it loads, else nio");
  static final Key<Integer> THREADS_LOOPS =
      new Key<>(
          "threads.loops", new Kind.Whole(0, 1024), "0", "event loops; 0 means one for each core");
  static final Key<Integer> THREADS_FILL =
      new Key<>(
          "threads.fill", new Kind.Whole(0, 1024), "0", "fill threads; 0 means one for each core");

  static final Key<Integer> CONNECTIONS =
      new Key<>(
          "limits.connections",
          new Kind.Whole(1, 1_000_000),
          "10000",
          "client connections, and requests of HTTP/2 at once; one more is answered 503");
  static final Key<Integer> FILLS =
      new Key<>(
          "limits.fills",
          new Kind.Whole(1, 65_536),
          "1024",
          "fetches that run; one more is answered 503");
  static final Key<Long> REQUEST_TARGET_BYTES =
      new Key<>(
          "limits.request_target_bytes",
          new Kind.Bytes(256, 64L << 10),
          "8KiB",
          "request target; a longer one is answered 414");
  static final Key<Long> REQUEST_HEAD_BYTES =
      new Key<>(
          "limits.request_head_bytes",
          new Kind.Bytes(1L << 10, 1L << 20),
          "32KiB",
          "request head; a larger one is answered 431");
  static final Key<Integer> REQUEST_FIELDS =
      new Key<>(
          "limits.request_fields",
          new Kind.Whole(1, 10_000),
          "100",
          "fields of a request head; more are answered 431");
  static final Key<Duration> HEADER_READ_TIMEOUT =
      new Key<>(
          "limits.header_read_timeout",
          new Kind.Span(MILLI, DAY),
          "10s",
          "from the first byte of a request head to its last, of a stream from the head to the end"
              + " of the request, else 408");
  static final Key<Duration> KEEP_ALIVE_TIMEOUT =
      new Key<>(
          "limits.keep_alive_timeout",
          new Kind.Span(MILLI, DAY),
          "60s",
          "between two requests of a connection, then it is closed");
  static final Key<Duration> CLIENT_WRITE_TIMEOUT =
      new Key<>(
          "limits.client_write_timeout",
          new Kind.Span(MILLI, DAY),
          "60s",
          "window in which a client must take `client_min_rate`, else it is cut off");
  static final Key<Long> CLIENT_MIN_RATE =
      new Key<>(
          "limits.client_min_rate",
          new Kind.Bytes(1, 1L << 30),
          "1KiB",
          "what a client must take each second while bytes wait for it");
  static final Key<Long> ORIGIN_MIN_RATE =
      new Key<>(
          "limits.origin_min_rate",
          new Kind.Bytes(1, 1L << 30),
          "100",
          "what an upstream must send each second, measured over `idle_timeout`");
  static final Key<Duration> POOL_WAIT =
      new Key<>(
          "limits.pool_wait",
          new Kind.Span(MILLI, DAY),
          "30s",
          "for a free connection of an upstream, else 503");
  static final Key<Duration> RESUME_WAIT =
      new Key<>(
          "limits.resume_wait",
          new Kind.Span(Duration.ZERO, Limits.RESUME_WAIT_MAX),
          "20s",
          "for the rest of a body that its upstream broke off, else it is broken off too");

  static final Key<Long> SEGMENT_THRESHOLD =
      new Key<>(
          "limits.segment_threshold",
          new Kind.Bytes(Limits.SEGMENT_THRESHOLD_MIN, 1L << 40),
          "8MiB",
          "how far ahead of what was fetched a range may begin and wait for it; one that is farther"
              + " gets a request of its own");

  static final Key<Long> MAX_REWRITE_BYTES =
      new Key<>(
          "limits.max_rewrite_bytes",
          new Kind.Bytes(0, 1L << 30),
          "32MiB",
          "an index whose links are led through here; a larger one is passed on as it is");

  static final Key<String> NAME =
      new Key<>("name", new Kind.RemoteName(), null, "first segment of its paths; unique");
  static final Key<String> PACKAGE_TYPE =
      new Key<>("package_type", new Kind.PackageType(), null, "whose rules hold for its paths");
  static final Key<String> REPO_TYPE =
      new Key<>("repo_type", new Kind.RepositoryType(), "remote", "where its content comes from");
  static final Key<BaseUrl> BASE_URL =
      new Key<>(
          "base_url",
          new Kind.Url(),
          null,
          "the upstream; a path is allowed; `user:password@` is taken out of it and never shown");
  static final Key<String> DESCRIPTION =
      new Key<>("description", new Kind.Text("text", 1000), "", "for people");
  static final Key<String> USERNAME =
      new Key<>("username", new Kind.Text("text", 1000), "", "user of the upstream (Basic)");
  static final Key<String> PASSWORD =
      new Key<>(
          "password",
          new Kind.Text("text", 8192),
          "",
          "password of the upstream; sent to its own origin only, shown nowhere");
  static final Key<BaseUrl> TOKEN_SERVER =
      new Key<>(
          "token_server",
          new Kind.Url(),
          "",
          "of a registry: where `username` and `password` may go for a token, besides the registry"
              + " itself; others are asked without");
  static final Key<Duration> IMMUTABLE_TTL =
      new Key<>(
          "immutable_ttl",
          new Kind.Span(ZERO, CENTURY),
          "0",
          "how long immutable content is fresh; 0 means for ever");
  static final Key<Duration> MUTABLE_TTL =
      new Key<>(
          "mutable_ttl",
          new Kind.Span(ZERO, CENTURY),
          "3600",
          "how long mutable content is fresh; 0 asks the upstream each time");
  static final Key<Duration> NEGATIVE_TTL =
      new Key<>(
          "negative_ttl",
          new Kind.Span(ZERO, CENTURY),
          "60",
          "how long an upstream's 404 or 410 is remembered; 0 means not at all");
  static final Key<List<Pattern>> PATTERNS =
      patterns("patterns", "paths that are allowed; none allows all; any other path is 403");
  static final Key<List<Pattern>> BLOCKLIST =
      patterns("blocklist", "paths that are refused with 403; asked first");
  static final Key<List<Pattern>> MUTABLE_PATTERNS =
      patterns("mutable_patterns", "paths that are mutable, before the rules of the package type");
  static final Key<List<Pattern>> IMMUTABLE_PATTERNS =
      patterns("immutable_patterns", "paths that are immutable, after `mutable_patterns`");
  static final Key<Boolean> BAN_TAGS_ENABLED =
      flag("ban_tags_enabled", "false", "of a registry: `ban_tags` holds");
  static final Key<List<Pattern>> BAN_TAGS =
      patterns(
          "ban_tags",
          "of a registry: tags whose manifests are refused with 403; digests and blobs never are");
  static final Key<Boolean> CHECK_MUTABLE =
      flag("check_mutable", "true", "expired mutable content is asked for conditionally");
  static final Key<Boolean> STALE_ON_ERROR =
      flag("stale_on_error", "true", "an upstream that is down does not take away the stale copy");
  static final Key<Boolean> REWRITE_LINKS =
      flag("rewrite_links", "true", "links in indexes are led through this proxy");
  static final Key<List<String>> FILE_HOSTS =
      new Key<>(
          "file_hosts",
          new Kind.ListOf<>(new Kind.HostAndPort(), Limits.FILE_HOSTS_MAX),
          "",
          "other hosts that indexes link to, with their port where that is not the scheme's own,"
              + " whose files are fetched through this remote, without its credential, also where they are"
              + " private; `npm`, `pypi`, `cargo` and `terraform` follow every link"
              + " of an index anyway");
  static final Key<String> RELEASES_REMOTE =
      new Key<>(
          "releases_remote",
          new Kind.OtherRemote(),
          "",
          "of `terraform`: the remote that links below its own `base_url` are led through; others"
              + " are fetched through this one");
  static final Key<RemoteSettings.Verify> VERIFY =
      new Key<>(
          "verify",
          new Kind.Choice<>(RemoteSettings.Verify.class),
          "enforce",
          "what a learned digest that does not match does: the answer is cut and nothing stored,"
              + " or it is only logged, or nothing");
  static final Key<Boolean> EARLY_RANGE =
      flag(
          "early_range",
          "true",
          "a range of a body with a promised digest is served before the whole is proven, if it"
              + " misses the last 64 KiB");
  static final Key<RemoteSettings.CompletePartial> COMPLETE_PARTIAL =
      new Key<>(
          "complete_partial",
          new Kind.Choice<>(RemoteSettings.CompletePartial.class),
          "auto",
          "whether a body of which only ranges were asked for is fetched whole: `auto` once they are"
              + " more than half of it");
  static final Key<Integer> PARALLEL_SEGMENTS =
      new Key<>(
          "parallel_segments",
          new Kind.Whole(1, 8),
          "1",
          "requests at once for one body, for an upstream that limits each connection");
  static final Key<Boolean> FILL_AFTER_DISCONNECT =
      flag("fill_after_disconnect", "true", "a fetch goes on when its last client has left");
  static final Key<Integer> MAX_CONNECTIONS =
      new Key<>("max_connections", new Kind.Whole(1, 10_000), "32", "connections to this upstream");
  static final Key<Duration> DIAL_TIMEOUT =
      wait("upstream_dial_timeout", "0", "until the connection stands; 0 means 10s");
  static final Key<Duration> TLS_TIMEOUT =
      wait("upstream_tls_timeout", "0", "until the TLS handshake is done; 0 means 10s");
  static final Key<Duration> RESPONSE_HEADER_TIMEOUT =
      wait(
          "upstream_response_header_timeout", "0", "until the answer's head is whole; 0 means 30s");
  static final Key<Duration> IDLE_TIMEOUT =
      wait("idle_timeout", "60", "between two bytes of a body; 0 means 60s");
  static final Key<Path> CA_FILE =
      new Key<>(
          "ca_file",
          new Kind.FilePath("PEM file"),
          "",
          "certificates trusted for this upstream beside the system's");
  static final Key<Boolean> ALLOW_PRIVATE_REDIRECTS =
      flag(
          "allow_private_redirects",
          "false",
          "a redirect, or an unnamed token server, may lead to a loopback, link-local or private"
              + " address");
  static final Key<Boolean> ALLOW_INSECURE_REDIRECTS =
      flag("allow_insecure_redirects", "false", "a redirect may lead from https to http");

  /** The keys of the process: in the file, and in the environment. */
  static final List<Key<?>> PROCESS =
      List.of(
          LISTEN,
          TLS_LISTEN,
          TLS_CERTIFICATE,
          TLS_KEY,
          TLS_PASSWORD,
          DATA_DIR,
          CATALOG_URL,
          CATALOG_USERNAME,
          CATALOG_PASSWORD,
          CATALOG_CA_FILE,
          CATALOG_CONNECTIONS,
          CATALOG_ACQUIRE_TIMEOUT,
          DISK_QUOTA,
          SPOOL_MAX_AGE,
          SPOOL_MAX_BYTES,
          BODY_MEMORY,
          DRAIN_TIMEOUT,
          ACCESS_LOG,
          PUBLIC_URL,
          TRUSTED_PROXIES,
          TRANSPORT,
          THREADS_LOOPS,
          THREADS_FILL,
          CONNECTIONS,
          FILLS,
          REQUEST_TARGET_BYTES,
          REQUEST_HEAD_BYTES,
          REQUEST_FIELDS,
          HEADER_READ_TIMEOUT,
          KEEP_ALIVE_TIMEOUT,
          CLIENT_WRITE_TIMEOUT,
          CLIENT_MIN_RATE,
          ORIGIN_MIN_RATE,
          POOL_WAIT,
          RESUME_WAIT,
          SEGMENT_THRESHOLD,
          MAX_REWRITE_BYTES);

  /** The keys of one remote. */
  static final List<Key<?>> REMOTE =
      List.of(
          NAME,
          PACKAGE_TYPE,
          REPO_TYPE,
          BASE_URL,
          DESCRIPTION,
          USERNAME,
          PASSWORD,
          TOKEN_SERVER,
          IMMUTABLE_TTL,
          MUTABLE_TTL,
          NEGATIVE_TTL,
          PATTERNS,
          BLOCKLIST,
          MUTABLE_PATTERNS,
          IMMUTABLE_PATTERNS,
          BAN_TAGS_ENABLED,
          BAN_TAGS,
          CHECK_MUTABLE,
          STALE_ON_ERROR,
          REWRITE_LINKS,
          FILE_HOSTS,
          RELEASES_REMOTE,
          VERIFY,
          EARLY_RANGE,
          COMPLETE_PARTIAL,
          PARALLEL_SEGMENTS,
          FILL_AFTER_DISCONNECT,
          MAX_CONNECTIONS,
          DIAL_TIMEOUT,
          TLS_TIMEOUT,
          RESPONSE_HEADER_TIMEOUT,
          IDLE_TIMEOUT,
          CA_FILE,
          ALLOW_PRIVATE_REDIRECTS,
          ALLOW_INSECURE_REDIRECTS);

  /** The key of the list of remotes. */
  static final String REMOTES = "remotes";

  private SettingsSchema() {}

  /** The key with this name, among those of the process or of one remote. */
  static Optional<Key<?>> find(List<Key<?>> keys, String name) {
    return keys.stream().filter(key -> key.name().equals(name)).findFirst();
  }

  /** Whether the name is a mapping that holds keys, such as {@code limits}. */
  static boolean isSection(List<Key<?>> keys, String name) {
    return keys.stream().anyMatch(key -> key.name().startsWith(name + "."));
  }

  /** What may stand below a prefix, for the suggestion at an unknown key. */
  static Stream<String> namesBelow(List<Key<?>> keys, String prefix) {
    Stream<String> names =
        keys.stream()
            .map(Key::name)
            .filter(name -> name.startsWith(prefix))
            .map(name -> name.substring(prefix.length()).replaceFirst("\\..*", ""))
            .distinct();
    return keys.equals(PROCESS) && prefix.isEmpty()
        ? Stream.concat(names, Stream.of(REMOTES))
        : names;
  }

  private static Key<List<Pattern>> patterns(String name, String meaning) {
    Kind.Regex regex = new Kind.Regex(Limits.PATTERN_CHARS_MAX);
    return new Key<>(name, new Kind.ListOf<>(regex, Limits.PATTERNS_MAX), "", meaning);
  }

  private static Key<Boolean> flag(String name, String defaultText, String meaning) {
    return new Key<>(name, new Kind.Flag(), defaultText, meaning);
  }

  private static Key<Duration> wait(String name, String defaultText, String meaning) {
    return new Key<>(name, new Kind.Span(ZERO, DAY), defaultText, meaning);
  }
}
