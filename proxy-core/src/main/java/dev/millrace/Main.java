package dev.millrace;

import ch.qos.logback.classic.LoggerContext;
import dev.millrace.cli.Cli;
import dev.millrace.cli.DirectMemory;
import dev.millrace.cli.NodeFactory;
import dev.millrace.cli.ProcessLifetime;
import dev.millrace.cli.Surroundings;
import dev.millrace.node.Node;
import dev.millrace.node.Outside;
import dev.millrace.observe.BuildVersion;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.slf4j.LoggerFactory;

/** Starts Millrace: brings the clocks and streams of the process to the command line. */
public final class Main {

  private Main() {}

  /**
   * Runs one command and exits with its code.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    Surroundings surroundings =
        new Surroundings(
            System.getenv(),
            writer(System.out),
            writer(System.err),
            DirectMemory.limitBytes(),
            BuildVersion.read());
    Outside around =
        new Outside(
            InstantSource.system(),
            System::nanoTime,
            surroundings.environment(),
            surroundings.directMemoryBytes(),
            System.out,
            System.err);
    NodeFactory nodes = settings -> Node.start(settings, around);
    int code = new Cli(surroundings, nodes, new ProcessLifetime(Main::endLog)).run(args);
    endLog();
    System.exit(code);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  /** Writes what is left in the queue of the log. */
  private static void endLog() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
      log.stop();
    }
  }
}
