package dev.millrace.cli;

import com.google.re2j.Pattern;
import dev.millrace.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/**
 * The command line of Millrace.
 *
 * <p>Exit codes: {@link #OK}, {@link #FAILED}, {@link #USAGE}; nothing else.
 *
 * <p>Threading: for the main thread; {@code serve} holds it while the proxy runs.
 */
public final class Cli {
  /** All went well. */
  static final int OK = 0;

  /** It failed while starting or running. */
  static final int FAILED = 1;

  /** The command line or the configuration is wrong; nothing was started. */
  static final int USAGE = 2;

  private static final Pattern USER_IN_URL = Pattern.compile("://[^@/\\s]*@");
  private static final Pattern CONTROLS = Pattern.compile("\\p{Cc}+");

  private final CommandLine commands;

  /**
   * The commands.
   *
   * @param surroundings what they see of the process
   * @param nodes starts the proxy
   * @param lifetime how long it runs
   */
  public Cli(Surroundings surroundings, NodeFactory nodes, Lifetime lifetime) {
    commands =
        new CommandLine(new MillraceCommand())
            .addSubcommand(new ServeCommand(surroundings, nodes, lifetime))
            .addSubcommand(new CheckConfigCommand(surroundings))
            .setOut(surroundings.out())
            .setErr(surroundings.err())
            .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
            // An argument that begins with @ is no file of further arguments.
            .setExpandAtFiles(false)
            .setParameterExceptionHandler((e, args) -> refuse(surroundings, e))
            .setExecutionExceptionHandler((e, command, result) -> {
              surroundings.err().println("millrace: failed: " + oneLine(String.valueOf(e)));
              return FAILED;
            });
    String version = "millrace " + surroundings.version();
    commands.getCommandSpec().version(version);
    commands
        .getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().version(version));
  }

  /** Runs one command; its exit code. */
  public int run(String... args) {
    return commands.execute(args);
  }

  /** Shows each problem of the configuration as it is: editors jump to {@code FILE:LINE}. */
  static int refuse(Surroundings surroundings, ConfigException problems) {
    problems.problems().forEach(problem -> surroundings.err().println(oneLine(problem)));
    return USAGE;
  }

  private static int refuse(Surroundings surroundings, ParameterException wrong) {
    String message = oneLine(String.valueOf(wrong.getMessage()));
    String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
    surroundings.err().println("millrace: " + USER_IN_URL.matcher(message).replaceAll("://***@"));
    surroundings.err().println("Try: " + command + " --help");
    return USAGE;
  }

  /** The text without line ends and other control characters. */
  static String oneLine(String text) {
    return CONTROLS.matcher(text).replaceAll(" ");
  }
}
