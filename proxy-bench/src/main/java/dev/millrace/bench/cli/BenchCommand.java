package dev.millrace.bench.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/**
 * The command line of the benchmarks.
 *
 * <p>Exit codes: {@link #OK}, {@link #FAILED}, {@link #USAGE}.
 *
 * <p>Threading: for the main thread.
 */
@Command(
    name = "millrace-bench",
    mixinStandardHelpOptions = true,
    description = "Measures Millrace as a whole process, on loopback.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done, and the gate passed", "1:failed, or the gate did", "2:wrong usage"},
    subcommands = {
      RunCommand.class,
      CompareCommand.class,
      ProtocolsCommand.class,
      GateCommand.class,
      PlotCommand.class
    })
public final class BenchCommand {
  /** All went well. */
  static final int OK = 0;

  /** It failed, or the gate did. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  private BenchCommand() {}

  /** Runs one command; its exit code. */
  public static int run(Path tree, InstantSource clock, String... args) {
    String line = String.join(" ", args);
    return new CommandLine(new BenchCommand(), new Commands(new Place(tree, clock, line)))
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setExpandAtFiles(false)
        .execute(args);
  }
}
