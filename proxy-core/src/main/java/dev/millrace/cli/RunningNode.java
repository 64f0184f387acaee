package dev.millrace.cli;

/** A proxy that accepts connections. */
public interface RunningNode {
  /** Where, with the port that was really taken. */
  String url();

  /**
   * Takes no new connection, lets running answers end within the drain timeout, and closes
   * everything; blocks until that is done.
   *
   * <p>Threading: called once, from the shutdown hook.
   */
  void drain();
}
