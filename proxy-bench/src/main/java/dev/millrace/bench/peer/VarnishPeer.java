package dev.millrace.bench.peer;

import dev.millrace.bench.rig.Child;
import dev.millrace.bench.rig.LocalHttp;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Varnish with its bodies in memory. */
public record VarnishPeer() implements Peer {
  @Override
  public String name() {
    return "varnish";
  }

  @Override
  public Optional<String> missing() {
    // It compiles its configuration.
    return Programs.missing("varnishd").or(() -> Programs.missing("gcc"));
  }

  @Override
  public RunningPeer start(Site site) {
    int port = LocalHttp.freePort();
    var file =
        Programs.write(
            site.folder().resolve("millrace.vcl"),
            """
            vcl 4.1;
            backend default { .host = "127.0.0.1"; .port = "%d"; }
            sub vcl_recv { if (req.url == "/ready") { return (synth(200)); } }
            sub vcl_backend_response { set beresp.ttl = 1d; }
            """
                .formatted(site.originPort()));
    Child child =
        Child.start(
            List.of(
                Programs.find("varnishd").orElseThrow().toString(),
                "-F",
                "-j",
                "none",
                "-n",
                site.folder().resolve("work").toString(),
                "-a",
                "127.0.0.1:" + port,
                "-f",
                file.toString(),
                "-s",
                "malloc," + site.storeBytes()),
            site.cpus(),
            Map.of(),
            site.folder().resolve("log"));
    return RunningPeer.await(
        child, site.folder(), new RunningPeer.Address(port, "", "/ready", false));
  }
}
