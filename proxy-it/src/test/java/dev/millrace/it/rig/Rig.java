package dev.millrace.it.rig;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * One running product with its upstream for all tests of a class: register it in a field of a class
 * with the per-class life cycle.
 *
 * <p>The remote {@code gen} points at {@link #origin}; a second listener {@link #elsewhere} stands
 * for every host that was not asked for. In YAML text {@code ${origin}} and {@code ${elsewhere}}
 * stand for their addresses and {@code ${data}} for the data folder.
 *
 * <p>Threading: set up by one thread; afterwards its methods may be called from any thread.
 */
public final class Rig
    implements BeforeAllCallback, AfterAllCallback, TestExecutionExceptionHandler {
  private final List<String> genLines = new ArrayList<>();
  private final List<String> limits = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private final List<String> remotes = new ArrayList<>();
  private final List<String> jvmFlags = new ArrayList<>();
  private final Map<String, String> env = new HashMap<>();
  private final AtomicInteger paths = new AtomicInteger();
  private @Nullable Origin origin;
  private @Nullable Origin elsewhere;
  private @Nullable Folder folder;
  private @Nullable Folder configFolder;
  private @Nullable Millrace millrace;
  private @Nullable ServerCertificate certificate;

  private Rig() {}

  /** A rig whose remote {@code gen} has these further YAML lines, e.g. {@code idle_timeout: 1}. */
  public static Rig with(String... genLines) {
    Rig rig = new Rig();
    rig.genLines.addAll(List.of(genLines));
    return rig;
  }

  /** Adds YAML lines under {@code limits}. */
  public Rig limits(String... lines) {
    limits.addAll(List.of(lines));
    return this;
  }

  /** Adds YAML lines at the top level. */
  public Rig settings(String... lines) {
    settings.addAll(List.of(lines));
    return this;
  }

  /** Lets it listen for TLS, too, with a certificate of its own. */
  public Rig tls() {
    ServerCertificate created = ServerCertificate.create();
    certificate = created;
    return settings(
        "tls:",
        "  listen: 127.0.0.1:0",
        "  certificate: \"" + created.file("chain.pem") + "\"",
        "  key: \"" + created.file("key.pem") + "\"");
  }

  /** Adds a remote of the type generic. */
  public Rig remote(String name, String baseUrl, String... lines) {
    return remoteOf("generic", name, baseUrl, lines);
  }

  /** Adds a remote of that type. */
  public Rig remoteOf(String type, String name, String baseUrl, String... lines) {
    StringBuilder entry = new StringBuilder(remoteHead(type, name, baseUrl));
    for (String line : lines) {
      entry.append("    ").append(line).append('\n');
    }
    remotes.add(entry.toString());
    return this;
  }

  /** Replaces the JVM's flags for memory. */
  public Rig jvm(String... flags) {
    jvmFlags.addAll(List.of(flags));
    return this;
  }

  /** Sets a variable of the product's environment. */
  public Rig env(String name, String value) {
    env.put(name, value);
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    stop();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    failure.addSuppressed(new AssertionError(dump()));
    throw failure;
  }

  /** Starts both upstreams and the product. */
  public void start() {
    origin = Origin.start();
    elsewhere = Origin.start();
    folder = Folder.create();
    configFolder = Folder.create();
    millrace = Millrace.start(launch());
  }

  /** Ends everything and removes the data folder. */
  public void stop() {
    try {
      Millrace running = millrace;
      if (running != null) {
        running.close();
      }
    } finally {
      closeUpstreams();
    }
  }

  private void closeUpstreams() {
    if (origin != null) {
      origin.close();
    }
    if (elsewhere != null) {
      elsewhere.close();
    }
    if (folder != null) {
      folder.delete();
    }
    if (configFolder != null) {
      configFolder.delete();
    }
    if (certificate != null) {
      certificate.close();
    }
  }

  /** How this rig starts the product. */
  public Launch launch() {
    List<String> arguments = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
    arguments.addAll(List.of("--data", folder().root().toString()));
    if (genLines.isEmpty() && remotes.isEmpty()) {
      arguments.addAll(List.of("--remote", "gen=generic:" + origin().url() + "/base"));
    }
    String yaml = yaml();
    if (!yaml.isEmpty()) {
      String path = configFolder().write("millrace.yaml", yaml).toString();
      arguments.addAll(List.of("--config", path));
    }
    return Launch.of(arguments.toArray(String[]::new)).jvm(jvmFlags).environment(env);
  }

  private String yaml() {
    StringBuilder yaml = new StringBuilder();
    settings.forEach(line -> yaml.append(line).append('\n'));
    if (!limits.isEmpty()) {
      yaml.append("limits:\n");
      limits.forEach(line -> yaml.append("  ").append(line).append('\n'));
    }
    if (!genLines.isEmpty() || !remotes.isEmpty()) {
      yaml.append("remotes:\n").append(remoteHead("generic", "gen", "${origin}/base"));
      genLines.forEach(line -> yaml.append("    ").append(line).append('\n'));
      remotes.forEach(yaml::append);
    }
    return filled(yaml.toString());
  }

  private static String remoteHead(String type, String name, String baseUrl) {
    return "  - name: %s\n    package_type: %s\n    base_url: \"%s\"\n"
        .formatted(name, type, baseUrl);
  }

  private String filled(String text) {
    return text.replace("${origin}", origin().url())
        .replace("${originPort}", Integer.toString(origin().port()))
        .replace("${elsewhere}", elsewhere().url())
        .replace("${elsewherePort}", Integer.toString(elsewhere().port()))
        .replace("${data}", folder().root().toString());
  }

  /** Ends the product in order and starts it again on the same folder. */
  public void restart() {
    millrace().close();
    millrace = Millrace.start(launch());
  }

  /** Kills the product and starts it again on the same folder. */
  public void killAndRestart() {
    millrace().kill();
    millrace().checkOutput();
    millrace = Millrace.start(launch());
  }

  /** The upstream of {@code gen}. */
  public Origin origin() {
    return Objects.requireNonNull(origin);
  }

  /** A listener that nobody was asked to contact. */
  public Origin elsewhere() {
    return Objects.requireNonNull(elsewhere);
  }

  /** The running product. */
  public Millrace millrace() {
    return Objects.requireNonNull(millrace);
  }

  /** The data folder. */
  public Folder folder() {
    return Objects.requireNonNull(folder);
  }

  private Folder configFolder() {
    return Objects.requireNonNull(configFolder);
  }

  /** A path that no other test uses. */
  public String path(String name) {
    return "/p" + paths.incrementAndGet() + "/" + name;
  }

  /** The target of a path of the remote {@code gen}. */
  public static String target(String path) {
    return "/api/v1/remote/gen" + path;
  }

  /** A new connection to the product. */
  public RawClient client() {
    return RawClient.connect(millrace().port());
  }

  /** What it shows to clients by TLS. */
  public ServerCertificate certificate() {
    return Objects.requireNonNull(certificate);
  }

  /** A new connection to the product by TLS. */
  public RawClient secured() {
    return RawClient.secured(millrace().tlsPort(), certificate().trust());
  }

  /** A new connection by HTTP/2, with settings as pairs of identifier and value. */
  public RawHttp2 http2(int... settings) {
    return RawHttp2.connect(millrace().tlsPort(), certificate().trust(), settings);
  }

  /** GET of a path of {@code gen} on a new connection. */
  public Answer get(String path, String... fieldLines) {
    return getTarget(target(path), fieldLines);
  }

  /** GET of any target on a new connection. */
  public Answer getTarget(String target, String... fieldLines) {
    try (RawClient client = client()) {
      return client.get(target, fieldLines);
    }
  }

  /** HEAD of a path of {@code gen} on a new connection. */
  public Answer head(String path, String... fieldLines) {
    try (RawClient client = client()) {
      return client.request("HEAD", target(path), fieldLines).read("HEAD");
    }
  }

  /** Gets a path of any remote. */
  public Answer through(String remote, String path, String... fieldLines) {
    return getTarget("/api/v1/remote/" + remote + "/" + path, fieldLines);
  }

  /** What links to a remote begin with. */
  public String address(String remote) {
    return "http://127.0.0.1:" + millrace().port() + "/api/v1/remote/" + remote + "/";
  }

  /** The path of a remote that leads to a file on the other host. */
  public String linked(String path) {
    return "_files/http/127.0.0.1~" + elsewhere().port() + "/base" + path;
  }

  /** Waits until the condition holds. */
  public void await(String what, BooleanSupplier condition) {
    await(what, Await.LIMIT, condition);
  }

  /** Waits until the condition holds, for at most {@code limit}. */
  public void await(String what, Duration limit, BooleanSupplier condition) {
    Await.until(what, limit, condition, () -> dump() + millrace().threads());
  }

  /** Waits until a path of {@code gen} is answered from the store. */
  public void awaitStored(String path) {
    await("stored: " + path, () -> head(path).head().source().equals("cache"));
  }

  /** Waits until no fill runs and the spool is empty. */
  public void awaitIdle() {
    await("the spool is empty", () -> folder().spool().isEmpty());
  }

  /** What is known about the product and its upstream now. */
  public String dump() {
    if (millrace == null || origin == null) {
      return "nothing was started";
    }
    List<Received> requests = origin.received();
    StringBuilder dump = new StringBuilder(millrace.dump());
    dump.append("--- last requests at the upstream of ").append(requests.size()).append('\n');
    requests.subList(Math.max(0, requests.size() - 20), requests.size()).stream()
        .map(r -> r.connection() + " " + r.requestLine() + "\n")
        .forEach(dump::append);
    return dump.toString();
  }
}
