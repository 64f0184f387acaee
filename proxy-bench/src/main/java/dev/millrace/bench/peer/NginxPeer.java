package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LocalHttp;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * nginx, configured as well as its documents allow: {@code sendfile}, kept upstream connections, a
 * cache lock that waits as long as it takes, files kept open.
 *
 * @param mode how it keeps bodies
 * @param nopush {@code tcp_nopush}
 */
public record NginxPeer(Mode mode, boolean nopush) implements Peer {

  /** How it keeps bodies. */
  public enum Mode {
    /** {@code proxy_cache}. */
    CACHE,
    /** {@code proxy_store}: files of the origin's names, served as static files. */
    STORE
  }

  @Override
  public String name() {
    return "nginx-" + (mode == Mode.CACHE ? "cache" : "store") + (nopush ? "-nopush" : "");
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing("nginx");
  }

  @Override
  public boolean joins() {
    return mode == Mode.CACHE;
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    String config = main(site).formatted(http(site, port));
    var file = Programs.write(site.folder().resolve("nginx.conf"), config);
    Child child =
        Child.start(
            List.of(
                Programs.find("nginx").orElseThrow().toString(),
                "-p",
                site.folder().toString(),
                "-e",
                site.folder().resolve("error.log").toString(),
                "-c",
                file.toString()),
            site.cpus(),
            Map.of(),
            site.folder().resolve("log"));
    return RunningPeer.await(
        child, site.folder(), new RunningPeer.Address(port, "", "/ready", false));
  }

  private static String main(Site site) {
    return """
    user root;
    daemon off;
    worker_processes %d;
    worker_rlimit_nofile 20000;
    pid nginx.pid;
    error_log error.log error;
    events { worker_connections 8192; }
    http {
    %%s
    }
    """
        .formatted(site.cpus().isOne() ? 1 : Runtime.getRuntime().availableProcessors());
  }

  private String http(Site site, int port) {
    return """
      access_log off;
      sendfile on;
      tcp_nopush %s;
      keepalive_timeout 300s;
      keepalive_requests 100000000;
      open_file_cache max=10000 inactive=300s;
      default_type application/octet-stream;
      client_body_temp_path temp-body;
      proxy_temp_path temp-proxy;
      fastcgi_temp_path temp-fastcgi;
      uwsgi_temp_path temp-uwsgi;
      scgi_temp_path temp-scgi;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 600s;
      upstream origin {
        server 127.0.0.1:%d;
        keepalive 256;
        keepalive_requests 100000000;
      }
    %s\
    """
        .formatted(
            nopush ? "on" : "off",
            site.originPort(),
            mode == Mode.CACHE ? cache(site, port) : store(port));
  }

  private static String cache(Site site, int port) {
    return """
      proxy_cache_path cache levels=1:2 keys_zone=c:64m max_size=%d inactive=1d use_temp_path=off;
      server {
        listen 127.0.0.1:%d backlog=4096;
        location = /ready { return 200; }
        location / {
          proxy_pass http://origin;
          proxy_cache c;
          proxy_cache_valid 200 206 1d;
          proxy_cache_lock on;
          proxy_cache_lock_timeout 1h;
          proxy_cache_lock_age 1h;
        }
      }
    """
        .formatted(site.storeBytes(), port);
  }

  private static String store(int port) {
    return """
      server {
        listen 127.0.0.1:%d backlog=4096;
        root store;
        location = /ready { return 200; }
        location / {
          error_page 404 = @origin;
          log_not_found off;
        }
        location @origin {
          proxy_pass http://origin;
          proxy_store on;
          proxy_store_access user:rw group:r all:r;
        }
      }
    """
        .formatted(port);
  }
}
