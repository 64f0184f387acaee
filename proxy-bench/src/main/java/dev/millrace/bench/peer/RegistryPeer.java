package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LoadOrder.Naming;
import dev.millrace.bench.rig.LocalHttp;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CNCF Distribution as a pull-through cache. It speaks the registry protocol only, so the bodies of
 * the origin are blobs to it, which it asks for by their digest.
 */
public record RegistryPeer() implements Peer {
  private static final String PROGRAM = "docker-registry";

  @Override
  public String name() {
    return "registry";
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing(PROGRAM);
  }

  @Override
  public boolean joins() {
    return false;
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    Path file = Programs.write(site.folder().resolve("registry.yaml"), config(site, port));
    Child child =
        Child.start(
            List.of(Programs.find(PROGRAM).orElseThrow().toString(), "serve", file.toString()),
            site.cpus(),
            Map.of(),
            site.folder().resolve("log"));
    return RunningPeer.await(
        child,
        site.folder(),
        new RunningPeer.Address(port, "/v2/bench/blobs/", Naming.DIGEST, "/", false));
  }

  /** Its settings. */
  static String config(Site site, int port) {
    return """
    version: 0.1
    log:
      level: error
      accesslog:
        disabled: true
    storage:
      filesystem:
        rootdirectory: %s
      cache:
        blobdescriptor: inmemory
      maintenance:
        uploadpurging:
          enabled: false
    http:
      addr: 127.0.0.1:%d
      secret: bench
    proxy:
      remoteurl: http://127.0.0.1:%d
    """
        .formatted(site.folder().resolve("data").toAbsolutePath(), port, site.originPort());
  }
}
