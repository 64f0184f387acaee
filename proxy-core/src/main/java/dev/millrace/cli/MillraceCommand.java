package dev.millrace.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program without a command: it has help and a version. */
@Command(
    mixinStandardHelpOptions = true,
    name = "millrace",
    description = "A streaming proxy for package registries.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; serve was told to end and has drained",
      "1:failed while starting or running",
      "2:wrong command line or configuration; nothing was started"
    })
final class MillraceCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // The parser sets it.
  private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Missing command: serve or check-config");
  }
}
