package dev.millrace.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.bench.rig.Cpus;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What peers are told. */
final class PeerConfigurationTest {
  private static final Site SITE = new Site(Path.of("/scratch"), 8080, Cpus.ALL, 1 << 30);
  private static final Site PINNED = new Site(Path.of("/scratch"), 8080, Cpus.FIRST, 1 << 30);

  @Test
  void ats_joinsReadersAndHasAThreadForEachCpu() {
    assertThat(AtsPeer.records(SITE, 9090).lines())
        .contains(
            "CONFIG proxy.config.http.server_ports STRING 9090:ip-in=127.0.0.1",
            "CONFIG proxy.config.cache.enable_read_while_writer INT 1",
            "CONFIG proxy.config.log.logging_enabled INT 0",
            "CONFIG proxy.config.exec_thread.limit INT "
                + Runtime.getRuntime().availableProcessors());
    assertThat(AtsPeer.records(PINNED, 9090)).contains("exec_thread.limit INT 1\n");
  }

  @Test
  void squid_collapsesAndKeepsWhatItHasTo() {
    assertThat(SquidPeer.config(SITE, 9090).lines())
        .contains(
            "http_port 127.0.0.1:9090 accel defaultsite=127.0.0.1 no-vhost",
            "cache_peer 127.0.0.1 parent 8080 0 no-query no-digest originserver name=origin",
            "collapsed_forwarding on",
            "access_log none",
            "refresh_pattern . 1440 100% 1440",
            "maximum_object_size 1073741824 bytes",
            "cache_dir ufs /scratch/cache 1280 4 16");
  }

  @Test
  void registry_pullsThroughFromTheOrigin() {
    assertThat(RegistryPeer.config(SITE, 9090).lines())
        .contains(
            "  addr: 127.0.0.1:9090",
            "  remoteurl: http://127.0.0.1:8080",
            "    rootdirectory: /scratch/data");
  }

  @Test
  void missingProgram_isNamed() {
    assertThat(Programs.missing("no-such-program")).hasValue("no-such-program is not installed");
  }
}
