package dev.millrace.bench.cli;

import dev.millrace.bench.peer.AtsPeer;
import dev.millrace.bench.peer.MillracePeer;
import dev.millrace.bench.peer.NginxPeer;
import dev.millrace.bench.peer.NginxPeer.Mode;
import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.peer.RegistryPeer;
import dev.millrace.bench.peer.RelayPeer;
import dev.millrace.bench.peer.SquidPeer;
import dev.millrace.bench.peer.VarnishPeer;
import dev.millrace.bench.relay.RelayDesign;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The peers by the names that people use. */
final class PeerNames {
  private static final int RELAY_HEAP_MEGABYTES = 128;

  private PeerNames() {}

  /** The peers of those names; {@code nginx} is every way to configure it. */
  static List<Peer> parse(Path tree, List<String> names) {
    List<Peer> peers = new ArrayList<>();
    for (String name : names) {
      peers.addAll(parse(tree, name));
    }
    return peers;
  }

  private static List<Peer> parse(Path tree, String name) {
    return switch (name) {
      case "millrace" -> List.of(MillracePeer.here(tree));
      case "millrace-parallel" -> List.of(MillracePeer.here(tree).inParallel(8));
      case "nginx" ->
          List.of(
              new NginxPeer(Mode.CACHE, false),
              new NginxPeer(Mode.CACHE, true),
              new NginxPeer(Mode.STORE, false),
              new NginxPeer(Mode.STORE, true));
      case "nginx-cache" -> List.of(new NginxPeer(Mode.CACHE, false));
      case "nginx-cache-nopush" -> List.of(new NginxPeer(Mode.CACHE, true));
      case "nginx-store" -> List.of(new NginxPeer(Mode.STORE, false));
      case "nginx-store-nopush" -> List.of(new NginxPeer(Mode.STORE, true));
      case "varnish" -> List.of(new VarnishPeer());
      case "ats" -> List.of(new AtsPeer());
      case "squid" -> List.of(new SquidPeer());
      case "registry" -> List.of(new RegistryPeer());
      case "bare-relay" -> List.of(new RelayPeer(RelayDesign.BARE, RELAY_HEAP_MEGABYTES));
      default -> throw new IllegalArgumentException("unknown peer: " + name);
    };
  }
}
