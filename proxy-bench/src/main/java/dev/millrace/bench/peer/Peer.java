package dev.millrace.bench.peer;

import java.util.Optional;

/**
 * A proxy that can be started.
 *
 * <p>Threading: immutable.
 */
public sealed interface Peer
    permits MillracePeer, NginxPeer, VarnishPeer, AtsPeer, SquidPeer, RegistryPeer, RelayPeer {
  /** What reports call it. */
  String name();

  /** What this machine lacks for it; empty when it can be started. */
  Optional<String> missing();

  /** Whether it gets faster in its first seconds, so that it is warmed up before it counts. */
  default boolean warmsUp() {
    return false;
  }

  /** Whether those who ask for one cold body at once share one fetch. */
  default boolean joins() {
    return true;
  }

  /**
   * Starts it and waits until it answers. Ownership: the caller closes it. Errors: unchecked, with
   * the end of its log, when it does not come up.
   */
  RunningPeer start(Site site);
}
