package dev.millrace.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.bench.rig.Cpus;
import dev.millrace.bench.rig.Layout;
import dev.millrace.bench.rig.LoadGroup;
import dev.millrace.bench.rig.Rig;
import dev.millrace.bench.scenario.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Peers start, pass a body on and keep it; one whose program is missing says which. */
final class PeerStartTest {
  private static final Logger LOG = LoggerFactory.getLogger(PeerStartTest.class);
  private static final long BYTES = 3 << 20;
  private static final long STORE_BYTES = 256L << 20;
  private static final int TRIES = 20;

  @TempDir static Path folder;
  private static Rig rig;

  @BeforeAll
  static void open() throws IOException {
    // A peer may go on as another user, who has to get to its own folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    rig = new Rig(Layout.FREE, folder.resolve("rig"));
  }

  @AfterAll
  static void close() {
    rig.close();
  }

  static Stream<Peer> peers() {
    return Stream.of(new VarnishPeer(), new AtsPeer(), new SquidPeer(), new RegistryPeer());
  }

  @ParameterizedTest
  @MethodSource("peers")
  void peer_passesABodyOnAndKeepsIt_orSaysWhatIsMissing(Peer peer) {
    if (peer.missing().isPresent()) {
      String why = peer.missing().get();
      LOG.warn("NOT TESTED: {}: {}", peer.name(), why);
      assertThat(why).endsWith(" is not installed");
      return;
    }
    Site site = new Site(folder.resolve(peer.name()), rig.originPort(), Cpus.ALL, STORE_BYTES);
    try (RunningPeer running = peer.start(site)) {
      String path = rig.freshPath(BYTES, "");

      assertThat(bytesOf(running, path)).isEqualTo(BYTES);
      assertThat(isKept(running, path)).isTrue();
    }
  }

  /** Whether the origin is not asked any more: some peers keep a body after they passed it on. */
  private static boolean isKept(RunningPeer peer, String path) {
    for (int tries = 0; tries < TRIES; tries++) {
      Watch.settle();
      long before = rig.originStats().requests();
      assertThat(bytesOf(peer, path)).isEqualTo(BYTES);
      if (rig.originStats().requests() == before) {
        return true;
      }
    }
    return false;
  }

  private static long bytesOf(RunningPeer peer, String path) {
    return Watch.run(rig, peer, LoadGroup.once(1, path)).bodyBytes();
  }
}
