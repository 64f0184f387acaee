package dev.millrace.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from; a later component overrides an earlier one.
 *
 * @param file the configuration file, null for none
 * @param environment all variables of the process; only those that begin with {@code MILLRACE_} are
 *     read
 * @param options values of the command line
 */
public record SettingsSources(
    @Nullable Path file, Map<String, String> environment, Options options) {

  /** Copies the map. */
  public SettingsSources {
    environment = Map.copyOf(environment);
  }

  /**
   * Values of the command line.
   *
   * @param listen {@code --listen}, null when not given
   * @param data {@code --data}, null when not given
   * @param remotes each {@code --remote NAME=TYPE:URL}, added to those of the file
   */
  public record Options(@Nullable String listen, @Nullable String data, List<String> remotes) {
    /** A command line without options. */
    public static final Options NONE = new Options(null, null, List.of());

    /** Copies the list. */
    public Options {
      remotes = List.copyOf(remotes);
    }
  }
}
