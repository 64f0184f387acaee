package dev.millrace.cli;

import java.util.List;

/** A proxy that accepts connections. */
public interface RunningNode {
  /** Where, each with the port that was really taken. */
  List<String> urls();

  /**
   * Takes no new connection, lets running answers end within the drain timeout, and closes
   * everything; blocks until that is done.
   *
   * <p>Threading: called once, from the shutdown hook.
   */
  void drain();
}
