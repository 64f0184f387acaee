package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.config.Settings;
import dev.millrace.config.SettingsFile;
import dev.millrace.config.SettingsSources;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code check-config}: reads a file as {@code serve} would, and starts nothing. */
@Command(
    mixinStandardHelpOptions = true,
    name = "check-config",
    description = "Check a configuration file, with the MILLRACE_ variables that are set now.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the file is good", "2:the file is wrong; each problem is one line"})
final class CheckConfigCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "FILE", description = "The YAML file.")
  @SuppressWarnings("NullAway.Init") // The parser sets it.
  private Path file;

  CheckConfigCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    try {
      Settings settings =
          SettingsFile.read(
              new SettingsSources(file, surroundings.environment(), SettingsSources.Options.NONE),
              surroundings.directMemoryBytes());
      int remotes = settings.remotes().size();
      surroundings
          .out()
          .println(file + ": ok, " + remotes + (remotes == 1 ? " remote" : " remotes"));
      return Cli.OK;
    } catch (ConfigException e) {
      return Cli.refuse(surroundings, e);
    }
  }
}
