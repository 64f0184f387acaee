package dev.millrace.bench.config;

import dev.millrace.config.ConfigException;
import dev.millrace.config.RemoteSettings;
import dev.millrace.config.Settings;
import dev.millrace.config.SettingsFile;
import dev.millrace.config.SettingsSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Settings as an operator would give them, so that defaults are those of production. */
public final class BenchSettings {
  /** Name of the only remote. */
  public static final String REMOTE = "files";

  private static final long DIRECT_MEMORY_BYTES = 256L << 20;

  private BenchSettings() {}

  /** A process on a free loopback port with one remote; {@code variables} are its environment. */
  public static Settings process(Path dataDir, String upstream, Map<String, String> variables) {
    return read(
        new SettingsSources(
            null,
            variables,
            new SettingsSources.Options(
                "127.0.0.1:0", dataDir.toString(), List.of(REMOTE + "=generic:" + upstream))));
  }

  /** A remote that is never asked, with those YAML lines of its own. */
  public static RemoteSettings remote(String... lines) throws IOException {
    Path file = Files.createTempFile("millrace-bench", ".yaml");
    try {
      String own = lines.length == 0 ? "" : "    " + String.join("\n    ", lines) + "\n";
      Files.writeString(
          file,
          """
          remotes:
            - name: files
              package_type: generic
              base_url: http://127.0.0.1:9
          """
              + own);
      SettingsSources sources = new SettingsSources(file, Map.of(), SettingsSources.Options.NONE);
      return read(sources).remotes().getFirst();
    } finally {
      Files.delete(file);
    }
  }

  private static Settings read(SettingsSources sources) {
    try {
      return SettingsFile.read(sources, DIRECT_MEMORY_BYTES);
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }
}
