package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.config.Settings;
import dev.millrace.config.SettingsFile;
import dev.millrace.config.SettingsSources;
import java.net.BindException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code serve}: starts the proxy and waits until it is told to end. */
@Command(
    mixinStandardHelpOptions = true,
    name = "serve",
    description = "Start the proxy; it drains on SIGTERM and SIGINT.",
    footerHeading = "%nExample:%n",
    footer = "  millrace serve --remote files=generic:https://files.example.com",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:was told to end and has drained",
      "1:could not start, or failed while running",
      "2:wrong command line or configuration; nothing was started"
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  private final Surroundings surroundings;
  private final NodeFactory nodes;
  private final Lifetime lifetime;

  @Option(
      names = "--remote",
      paramLabel = "NAME=TYPE:URL",
      description =
          "Add a remote, as in files=generic:https://files.example.com; may be repeated."
              + " Other users of the machine can see it: a password belongs into the file.")
  private List<String> remotes = new ArrayList<>();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where clients connect (default 127.0.0.1:8000); port 0 picks a free one.")
  private @Nullable String listen;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of blobs, spool and catalog (default millrace-data).")
  private @Nullable String data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file of settings; MILLRACE_ variables and options override it.")
  private @Nullable Path config;

  ServeCommand(Surroundings surroundings, NodeFactory nodes, Lifetime lifetime) {
    this.surroundings = surroundings;
    this.nodes = nodes;
    this.lifetime = lifetime;
  }

  @Override
  public Integer call() {
    Settings settings;
    try {
      settings =
          SettingsFile.read(
              new SettingsSources(
                  config,
                  surroundings.environment(),
                  new SettingsSources.Options(listen, data, remotes)),
              surroundings.directMemoryBytes());
    } catch (ConfigException e) {
      return Cli.refuse(surroundings, e);
    }
    if (settings.remotes().isEmpty()) {
      surroundings
          .err()
          .println(
              "millrace: there is no remote: add one with --remote NAME=TYPE:URL, such as --remote"
                  + " files=generic:https://files.example.com, or under \"remotes\" in the file of"
                  + " --config");
      return Cli.USAGE;
    }
    return serve(settings);
  }

  private int serve(Settings settings) {
    RunningNode node;
    try {
      node = nodes.start(settings);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      surroundings.err().println("millrace: cannot start: interrupted");
      return Cli.FAILED;
    } catch (Exception e) {
      LOG.debug("cannot start", e);
      surroundings.err().println("millrace: " + reason(e, settings));
      return Cli.FAILED;
    }
    // The hook first: whoever reads the line may send the signal at once.
    lifetime.onEnd(node::drain);
    node.urls().forEach(url -> surroundings.out().println("listening on " + url));
    surroundings.out().flush();
    return lifetime.await();
  }

  /** One line that names what the operator has to look at. */
  private static String reason(Exception failure, Settings settings) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      // Netty's native transports have their own exceptions, with the words of the system.
      if (cause instanceof BindException || message.contains("bind(")) {
        return "cannot listen on " + address(settings.listen()) + ": " + bindReason(message);
      }
    }
    String message = failure.getMessage();
    String shown =
        message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    String oneLine = Cli.oneLine(shown);
    String folder = settings.dataDir().toString();
    return "cannot start: " + oneLine + (oneLine.contains(folder) ? "" : " (data: " + folder + ")");
  }

  private static String bindReason(String message) {
    if (message.contains("Address already in use")) {
      return "the address is in use";
    }
    if (message.contains("assign requested address")) {
      return "this machine has no such address";
    }
    if (message.contains("Permission denied")) {
      return "not permitted (ports below 1024 need a right)";
    }
    return Cli.oneLine(message);
  }

  private static String address(Settings.Listen listen) {
    String host = listen.host().contains(":") ? "[" + listen.host() + "]" : listen.host();
    return host + ":" + listen.port();
  }
}
