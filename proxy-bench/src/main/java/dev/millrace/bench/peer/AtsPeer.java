package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LocalHttp;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Apache Traffic Server: readers join a body that is being written, and a request that finds it
 * about to be written waits for that instead of asking the origin, too.
 */
public record AtsPeer() implements Peer {
  private static final String PROGRAM = "traffic_server";

  /** What its cache takes beyond the bodies: its directory, and room for what is being written. */
  private static final long SPARE_BYTES = 256L << 20;

  @Override
  public String name() {
    return "ats";
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing(PROGRAM);
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    Path folder = site.folder().toAbsolutePath();
    Path settings = folder.resolve("settings");
    Programs.write(settings.resolve("records.config"), records(site, port));
    // What is not mapped, such as its ready path, is answered without the origin.
    Programs.write(
        settings.resolve("remap.config"),
        "map /b/ http://127.0.0.1:%d/b/\n".formatted(site.originPort()));
    Programs.write(settings.resolve("cache.config"), "dest_domain=. ttl-in-cache=1d\n");
    Programs.write(
        settings.resolve("storage.config"),
        "%s %d\n".formatted(folder.resolve("cache"), site.storeBytes() + SPARE_BYTES));
    Programs.write(
        settings.resolve("ip_allow.yaml"),
        """
        ip_allow:
          - apply: in
            ip_addrs: 127.0.0.1
            action: allow
            methods: ALL
        """);
    Path program = Programs.find(PROGRAM).orElseThrow();
    Path root = Programs.write(folder.resolve("runroot.yaml"), root(folder, program));
    List.of("cache", "log", "run").forEach(name -> Programs.folder(folder.resolve(name)));
    Child child =
        Child.start(
            List.of(program.toString(), "--run-root=" + root),
            site.cpus(),
            Map.of(),
            folder.resolve("log.txt"));
    return RunningPeer.await(child, folder, new RunningPeer.Address(port, "", "/ready", false));
  }

  /** Its settings. The user {@code #-1} is the one who starts it. */
  static String records(Site site, int port) {
    return """
    CONFIG proxy.config.http.server_ports STRING %d:ip-in=127.0.0.1
    CONFIG proxy.config.admin.user_id STRING #-1
    CONFIG proxy.config.crash_log_helper STRING NULL
    CONFIG proxy.config.diags.output.warning STRING E
    CONFIG proxy.config.diags.output.error STRING E
    CONFIG proxy.config.diags.output.fatal STRING E
    CONFIG proxy.config.log.logging_enabled INT 0
    CONFIG proxy.config.exec_thread.autoconfig INT 0
    CONFIG proxy.config.exec_thread.limit INT %d
    CONFIG proxy.config.http.wait_for_cache INT 3
    CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 300
    CONFIG proxy.config.http.keep_alive_no_activity_timeout_out INT 300
    CONFIG proxy.config.http.transaction_no_activity_timeout_in INT 600
    CONFIG proxy.config.http.transaction_no_activity_timeout_out INT 600
    CONFIG proxy.config.http.background_fill_active_timeout INT 0
    CONFIG proxy.config.http.background_fill_completed_threshold FLOAT 0.0
    CONFIG proxy.config.http.cache.required_headers INT 0
    CONFIG proxy.config.http.cache.open_write_fail_action INT 5
    CONFIG proxy.config.http.cache.max_open_read_retries INT 1000
    CONFIG proxy.config.http.cache.open_read_retry_time INT 10
    CONFIG proxy.config.cache.enable_read_while_writer INT 1
    CONFIG proxy.config.cache.max_doc_size INT 0
    CONFIG proxy.config.cache.ram_cache.size INT 64M
    """
        .formatted(port, site.cpus().isOne() ? 1 : Runtime.getRuntime().availableProcessors());
  }

  /** Where it finds things, all of them in its own folder but the program. */
  private static String root(Path folder, Path program) {
    Path bin = program.toAbsolutePath().getParent();
    return """
    prefix: %1$s
    exec_prefix: %1$s
    bindir: %2$s
    sbindir: %2$s
    sysconfdir: %1$s/settings
    datadir: %1$s/cache
    libdir: %1$s
    libexecdir: %1$s
    localstatedir: %1$s/run
    runtimedir: %1$s/run
    logdir: %1$s/log
    cachedir: %1$s/cache
    """
        .formatted(folder, bin);
  }
}
