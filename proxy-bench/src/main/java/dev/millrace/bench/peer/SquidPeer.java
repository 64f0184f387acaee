package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LocalHttp;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Squid in front of one origin, with its bodies in files and requests for the same body collapsed.
 *
 * <p>One process with {@code ufs}: of its stores, that is the one that gave a hot body fastest from
 * a folder in memory ({@code aufs} took several times as long) and asked the origin once for a body
 * that several wanted ({@code rock} asked more often).
 */
public record SquidPeer() implements Peer {
  private static final String PROGRAM = "squid";

  /** Its cache has to be made before it can be served from. */
  private static final String MAKE_THEN_SERVE =
      "\"$1\" -N -z -n \"$2\" -f \"$3\" && exec \"$1\" -N -n \"$2\" -f \"$3\"";

  @Override
  public String name() {
    return "squid";
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing(PROGRAM);
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    // Started by root it goes on as nobody, who has to write here.
    Programs.folderForAll(site.folder().resolve("cache"));
    Path file = Programs.write(site.folder().resolve("squid.conf"), config(site, port));
    Child child =
        Child.start(
            List.of(
                "/bin/sh",
                "-c",
                MAKE_THEN_SERVE,
                "sh",
                Programs.find(PROGRAM).orElseThrow().toString(),
                "millrace" + port,
                file.toString()),
            site.cpus(),
            Map.of(),
            site.folder().resolve("log"));
    return RunningPeer.await(
        child, site.folder(), new RunningPeer.Address(port, "", "/ready", false));
  }

  /**
   * Its settings. It begins to evict at nine tenths of its cache, so that is larger than what it
   * has to keep.
   */
  static String config(Site site, int port) {
    return """
    http_port 127.0.0.1:%1$d accel defaultsite=127.0.0.1 no-vhost
    cache_peer 127.0.0.1 parent %2$d 0 no-query no-digest originserver name=origin
    acl ready urlpath_regex ^/ready$
    http_access deny ready
    http_access allow all
    never_direct allow all
    cache_effective_user nobody
    max_filedescriptors 20000
    access_log none
    cache_store_log none
    netdb_filename none
    pinger_enable off
    visible_hostname bench
    shutdown_lifetime 0 seconds
    pid_filename %3$s/pid
    cache_log %3$s/log
    coredump_dir %3$s
    client_idle_pconn_timeout 300 seconds
    server_idle_pconn_timeout 300 seconds
    read_timeout 600 seconds
    collapsed_forwarding on
    quick_abort_min -1 KB
    read_ahead_gap 1 MB
    refresh_pattern . 1440 100%% 1440
    cache_mem 64 MB
    maximum_object_size %4$d bytes
    cache_dir ufs %3$s %5$d 4 16
    """
        .formatted(
            port,
            site.originPort(),
            site.folder().resolve("cache").toAbsolutePath(),
            site.storeBytes(),
            (site.storeBytes() + site.storeBytes() / 4) >> 20);
  }
}
