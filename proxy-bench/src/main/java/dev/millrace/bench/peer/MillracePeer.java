package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LocalHttp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Millrace as its users start it: by {@code bin/millrace} of a source tree.
 *
 * @param name what reports call it
 * @param tree the root of the source tree
 * @param jvmOptions as {@code MILLRACE_JAVA_OPTS} takes them
 * @param settings variables of its environment
 * @param parallel requests at once for one body
 */
public record MillracePeer(
    String name, Path tree, String jvmOptions, Map<String, String> settings, int parallel)
    implements Peer {
  /** The name of its one remote. */
  private static final String REMOTE = "b";

  /** The tree this tool was built from, with the memory that the documents recommend. */
  public static MillracePeer here(Path tree) {
    return new MillracePeer("millrace", tree, "-Xmx128m -XX:MaxDirectMemorySize=128m", Map.of(), 1);
  }

  /** The same with other options of the JVM. */
  public MillracePeer with(String otherName, String otherOptions) {
    return new MillracePeer(otherName, tree, otherOptions, settings, parallel);
  }

  /** The same with that many requests at once for one body. */
  public MillracePeer inParallel(int requests) {
    return new MillracePeer(name + "-parallel", tree, jvmOptions, settings, requests);
  }

  /** The same with one setting, by its variable. */
  public MillracePeer set(String variable, String value) {
    return new MillracePeer(name, tree, jvmOptions, Map.of(variable, value), parallel);
  }

  @Override
  public Optional<String> missing() {
    return Files.isExecutable(tree.resolve("bin/millrace"))
        ? Optional.empty()
        : Optional.of("no bin/millrace under " + tree);
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    Path config =
        Programs.write(
            site.folder().resolve("millrace.yaml"),
            """
            listen: 127.0.0.1:%d
            data_dir: %s
            disk_quota: %d
            access_log: "off"
            drain_timeout: 1s
            limits:
              client_min_rate: 1
            remotes:
              - name: %s
                package_type: generic
                base_url: http://127.0.0.1:%d
                max_connections: 1024
                parallel_segments: %d
            """
                .formatted(
                    port,
                    site.folder().resolve("data"),
                    site.storeBytes(),
                    REMOTE,
                    site.originPort(),
                    parallel));
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("MILLRACE_JAVA_OPTS", jvmOptions);
    Child child =
        Child.start(
            List.of(
                tree.resolve("bin/millrace").toString(), "serve", "--config", config.toString()),
            site.cpus(),
            environment,
            site.folder().resolve("log"));
    return RunningPeer.await(
        child,
        site.folder(),
        new RunningPeer.Address(port, "/api/v1/remote/" + REMOTE, "/health", true));
  }
}
