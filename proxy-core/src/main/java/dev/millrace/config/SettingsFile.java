package dev.millrace.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes settings of a YAML file, the environment and the command line.
 *
 * <p>Every problem of all sources is found before anything is refused. What may be set is in {@link
 * SettingsSchema}.
 *
 * <p>Threading: not for event loops, since it reads files.
 */
public final class SettingsFile {
  private static final String VARIABLE_PREFIX = "MILLRACE_";
  private static final String JAVA_OPTIONS = "MILLRACE_JAVA_OPTS";

  private final long directMemoryBytes;
  private final Problems problems = new Problems();

  private SettingsFile(long directMemoryBytes) {
    this.directMemoryBytes = directMemoryBytes;
  }

  /**
   * Reads and checks all settings.
   *
   * @param sources where they come from
   * @param directMemoryBytes what the JVM allows for buffers outside the heap
   */
  public static Settings read(SettingsSources sources, long directMemoryBytes)
      throws ConfigException {
    return new SettingsFile(directMemoryBytes).read(sources);
  }

  private Settings read(SettingsSources sources) throws ConfigException {
    Given.Everything given = fromFile(sources);
    overlayEnvironment(given.process().values(), sources.environment());
    overlayOptions(given, sources.options());
    Settings settings = settings(given);
    problems.throwIfAny();
    return settings;
  }

  private Given.Everything fromFile(SettingsSources sources) {
    if (sources.file() != null) {
      return new YamlSource(sources.file(), problems).read();
    }
    Given.Group process =
        new Given.Group("", new LinkedHashMap<>(), Place.of("without a configuration file"));
    return new Given.Everything(process, new ArrayList<>());
  }

  private void overlayEnvironment(Map<String, Given> values, Map<String, String> environment) {
    Map<String, Key<?>> keys = new HashMap<>();
    SettingsSchema.PROCESS.forEach(key -> keys.put(variable(key), key));
    // Sorted, so that the problems have one order.
    for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
      String name = entry.getKey();
      if (!name.startsWith(VARIABLE_PREFIX) || name.equals(JAVA_OPTIONS)) {
        continue;
      }
      Key<?> key = keys.get(name);
      if (key == null) {
        String hint =
            Spelling.nearest(name.substring(VARIABLE_PREFIX.length()), words(keys))
                .map(near -> "; did you mean " + VARIABLE_PREFIX + near + "?")
                .orElse("");
        problems.add(Place.of(name), "unknown variable" + hint);
      } else {
        values.put(key.name(), new Given.Single(entry.getValue(), false, Place.of(name)));
      }
    }
  }

  private static Stream<String> words(Map<String, Key<?>> keys) {
    return keys.keySet().stream().sorted().map(name -> name.substring(VARIABLE_PREFIX.length()));
  }

  /** The environment variable of a key. */
  static String variable(Key<?> key) {
    return VARIABLE_PREFIX + key.name().replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private void overlayOptions(Given.Everything given, SettingsSources.Options options) {
    overlay(given, SettingsSchema.LISTEN, options.listen(), "--listen");
    overlay(given, SettingsSchema.DATA_DIR, options.data(), "--data");
    for (String text : options.remotes()) {
      Place place = Place.of("--remote");
      Optional<Map<String, Given>> values = RemoteOption.parse(text, place);
      if (values.isEmpty()) {
        // The text is not shown: it may hold a password.
        problems.add(
            place, "is not NAME=TYPE:URL, such as files=generic:https://files.example.com/dir");
      } else {
        String prefix = SettingsSchema.REMOTES + "[" + given.remotes().size() + "].";
        given.remotes().add(new Given.Group(prefix, values.get(), place));
      }
    }
  }

  private static void overlay(
      Given.Everything given, Key<?> key, @Nullable String text, String option) {
    if (text != null) {
      Place place = Place.of(option);
      given.process().values().put(key.name(), new Given.Single(text, false, place));
    }
  }

  private Settings settings(Given.Everything given) {
    Values values = new Values(given.process(), problems);
    return new Settings(
        values.get(SettingsSchema.LISTEN),
        tls(values),
        values.get(SettingsSchema.DATA_DIR),
        catalog(values),
        values.get(SettingsSchema.DISK_QUOTA),
        new SpoolLimits(
            values.get(SettingsSchema.SPOOL_MAX_AGE), values.get(SettingsSchema.SPOOL_MAX_BYTES)),
        bodyMemory(values),
        values.get(SettingsSchema.DRAIN_TIMEOUT),
        accessLog(values),
        new Settings.Outward(publicUrl(values), values.get(SettingsSchema.TRUSTED_PROXIES)),
        values.get(SettingsSchema.TRANSPORT),
        new Settings.Threads(
            values.get(SettingsSchema.THREADS_LOOPS), values.get(SettingsSchema.THREADS_FILL)),
        limits(values),
        remotes(given.remotes()));
  }

  private static @Nullable URI publicUrl(Values values) {
    BaseUrl url = values.find(SettingsSchema.PUBLIC_URL);
    if (url != null && !(url.username().isEmpty() && url.password().isEmpty())) {
      values.refuse(SettingsSchema.PUBLIC_URL, "must not hold credentials");
    }
    return url == null ? null : url.url();
  }

  private static @Nullable TlsSettings tls(Values values) {
    Settings.Listen listen = values.find(SettingsSchema.TLS_LISTEN);
    Path certificate = values.find(SettingsSchema.TLS_CERTIFICATE);
    Path key = values.find(SettingsSchema.TLS_KEY);
    if (certificate != null && !Files.isReadable(certificate)) {
      values.refuse(SettingsSchema.TLS_CERTIFICATE, certificate + " cannot be read");
    }
    if (key != null && !Files.isReadable(key)) {
      values.refuse(SettingsSchema.TLS_KEY, key + " cannot be read");
    }
    if (listen == null && certificate != null) {
      values.refuse(SettingsSchema.TLS_CERTIFICATE, "is of no use without tls.listen");
    }
    if (listen != null && certificate == null) {
      values.refuse(SettingsSchema.TLS_LISTEN, "needs tls.certificate");
    }
    return listen == null || certificate == null
        ? null
        : new TlsSettings(listen, certificate, key, values.get(SettingsSchema.TLS_PASSWORD));
  }

  private static @Nullable CatalogSettings catalog(Values values) {
    DatabaseUrl url = values.find(SettingsSchema.CATALOG_URL);
    Path caFile = values.find(SettingsSchema.CATALOG_CA_FILE);
    CatalogSettings settings =
        url == null
            ? null
            : new CatalogSettings(
                url,
                values.get(SettingsSchema.CATALOG_USERNAME),
                values.get(SettingsSchema.CATALOG_PASSWORD),
                caFile,
                values.get(SettingsSchema.CATALOG_CONNECTIONS),
                values.get(SettingsSchema.CATALOG_ACQUIRE_TIMEOUT));
    if (caFile != null && !Files.isReadable(caFile)) {
      values.refuse(SettingsSchema.CATALOG_CA_FILE, caFile + " cannot be read");
    }
    if (caFile != null && url != null && !url.sslMode().verifies()) {
      values.refuse(SettingsSchema.CATALOG_CA_FILE, "is of no use without sslmode=verify-full");
    }
    return settings;
  }

  private long bodyMemory(Values values) {
    Long given = values.find(SettingsSchema.BODY_MEMORY);
    String direct = Quantity.formatBytes(directMemoryBytes) + " (see -XX:MaxDirectMemorySize)";
    if (given == null) {
      long least = SettingsSchema.BODY_MEMORY_MIN;
      if (directMemoryBytes < least) {
        values.refuse(
            SettingsSchema.BODY_MEMORY,
            "needs " + Quantity.formatBytes(least) + ", the JVM's direct memory is " + direct);
      }
      long wanted = Values.defaultOf(SettingsSchema.BODY_MEMORY);
      return Math.max(least, Math.min(wanted, directMemoryBytes / 2));
    }
    if (given > directMemoryBytes) {
      values.refuse(SettingsSchema.BODY_MEMORY, "is more than the JVM's direct memory, " + direct);
    }
    return given;
  }

  private static String accessLog(Values values) {
    String text = values.get(SettingsSchema.ACCESS_LOG);
    if (text.isBlank()) {
      values.refuse(SettingsSchema.ACCESS_LOG, "is empty; \"off\" writes no log");
    }
    return text;
  }

  private static ServerLimits limits(Values values) {
    return new ServerLimits(
        values.get(SettingsSchema.CONNECTIONS),
        values.get(SettingsSchema.FILLS),
        Math.toIntExact(values.get(SettingsSchema.REQUEST_TARGET_BYTES)),
        Math.toIntExact(values.get(SettingsSchema.REQUEST_HEAD_BYTES)),
        values.get(SettingsSchema.REQUEST_FIELDS),
        values.get(SettingsSchema.HEADER_READ_TIMEOUT),
        values.get(SettingsSchema.KEEP_ALIVE_TIMEOUT),
        values.get(SettingsSchema.CLIENT_WRITE_TIMEOUT),
        values.get(SettingsSchema.CLIENT_MIN_RATE),
        values.get(SettingsSchema.ORIGIN_MIN_RATE),
        values.get(SettingsSchema.POOL_WAIT),
        values.get(SettingsSchema.RESUME_WAIT),
        values.get(SettingsSchema.SEGMENT_THRESHOLD),
        values.get(SettingsSchema.MAX_REWRITE_BYTES));
  }

  private List<RemoteSettings> remotes(List<Given.Group> groups) {
    if (groups.size() > Limits.REMOTES_MAX) {
      problems.add(Place.of("--remote"), "gives more than " + Limits.REMOTES_MAX + " remotes");
    }
    List<RemoteSettings> remotes = new ArrayList<>();
    Map<String, Given.Group> byName = new HashMap<>();
    for (Given.Group group : groups) {
      Values values = new Values(group, problems);
      RemoteSettings remote = new RemoteReader(values).read();
      if (remote == null) {
        continue;
      }
      Given.Group other = byName.putIfAbsent(remote.name(), group);
      if (other != null) {
        values.refuse(
            SettingsSchema.NAME,
            "\"" + remote.name() + "\" is the name of another remote (" + other.place() + ")");
      }
      remotes.add(remote);
    }
    for (RemoteSettings remote : remotes) {
      String releases = remote.releasesRemote();
      Given.Group group = byName.get(remote.name());
      if (!releases.isEmpty() && !byName.containsKey(releases) && group != null) {
        new Values(group, problems)
            .refuse(
                SettingsSchema.RELEASES_REMOTE, "\"" + releases + "\" is the name of no remote");
      }
    }
    return remotes;
  }
}
