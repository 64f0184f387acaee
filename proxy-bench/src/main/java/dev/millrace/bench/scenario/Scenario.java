package dev.millrace.bench.scenario;

import dev.millrace.bench.peer.Peer;
import dev.millrace.bench.peer.RunningPeer;
import dev.millrace.bench.rig.Rig;

/**
 * Something that a peer is measured at, each time with a peer that was just started.
 *
 * <p>Threading: immutable.
 */
public interface Scenario {
  /** Its short name: {@code S1}. */
  String name();

  /** What happens, in a line. */
  String title();

  /** Bytes that the peer has to be able to keep, warm-up included. */
  long storeBytes();

  /**
   * Brings a peer to its usual speed; {@code light} for one that has it from the start, which only
   * needs what the measurement stands on.
   */
  void prepare(Rig rig, RunningPeer peer, boolean light);

  /** Whether a peer takes part. */
  default boolean suits(Peer peer) {
    return true;
  }

  /** Measures. */
  Figures measure(Rig rig, RunningPeer peer);
}
