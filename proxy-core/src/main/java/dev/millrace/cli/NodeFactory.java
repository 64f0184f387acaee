package dev.millrace.cli;

import dev.millrace.config.Settings;

/** Starts the proxy: the composition root implements it, tests have their own. */
@FunctionalInterface
public interface NodeFactory {
  /**
   * Starts everything; what it returns accepts connections.
   *
   * <p>Errors: whatever it throws ends the process with exit code 1 and the message as one line. On
   * an exception nothing that it started is left.
   */
  RunningNode start(Settings settings) throws Exception;
}
