package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The document for operators and the example say what the code does. */
final class ConfigurationDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "CONFIGURATION.md");
  private static final Path EXAMPLE = Path.of("..", "examples", "millrace.yaml");

  @Test
  void everyKey_isDocumentedWithItsDefaultAndUnit_andNoOther() throws IOException {
    List<String> documented =
        Files.readAllLines(DOCUMENT).stream().filter(line -> line.startsWith("| `")).toList();

    assertThat(documented)
        .containsExactlyElementsOf(
            Stream.concat(SettingsSchema.PROCESS.stream(), SettingsSchema.REMOTE.stream())
                .map(Key::documentation)
                .toList());
  }

  @Test
  void example_isReadWithoutAProblem() throws Exception {
    Settings settings =
        SettingsFile.read(
            new SettingsSources(EXAMPLE, Map.of(), SettingsSources.Options.NONE), 1L << 30);

    assertThat(settings.listen()).isEqualTo(new Settings.Listen("127.0.0.1", 8000));
    assertThat(settings.diskQuotaBytes()).isEqualTo(50L << 30);
    assertThat(settings.remotes())
        .extracting(RemoteSettings::name)
        .containsExactly("files", "builds");
    RemoteSettings builds = settings.remotes().getLast();
    assertThat(builds.mutableTtl()).isEqualTo(Duration.ofMinutes(5));
    assertThat(builds.mutablePatterns()).hasSize(1);
  }

  @Test
  void example_namesEveryKey() throws IOException {
    String example = Files.readString(EXAMPLE);

    for (Key<?> key : SettingsSchema.PROCESS) {
      assertThat(example).contains(key.name().replaceFirst(".*\\.", "") + ":");
    }
    for (Key<?> key : SettingsSchema.REMOTE) {
      assertThat(example).contains(key.name() + ":");
    }
  }

  @Test
  void defaults_lieWithinTheirOwnLimits() {
    Stream.concat(SettingsSchema.PROCESS.stream(), SettingsSchema.REMOTE.stream())
        .filter(key -> key.defaultText() != null)
        // Nothing is what these have by default, and no value of theirs.
        .filter(key -> !"".equals(key.defaultText()) || key.kind() instanceof Kind.Text)
        .forEach(key -> assertThat(Values.<Object>defaultOf(cast(key))).isNotNull());
  }

  @SuppressWarnings("unchecked") // Only whether there is a value is asked.
  private static Key<Object> cast(Key<?> key) {
    return (Key<Object>) key;
  }
}
