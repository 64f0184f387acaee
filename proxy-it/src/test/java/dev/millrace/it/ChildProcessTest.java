package dev.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The proxy can be started as a child process with the class path that the build hands over. */
final class ChildProcessTest {

  @Test
  void main_startedAsChild_endsWithAnExitCode() throws Exception {
    String java = Path.of(property("java.home"), "bin", "java").toString();
    Process child =
        new ProcessBuilder(java, "-cp", property("millrace.classpath"), "dev.millrace.Main")
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output).doesNotContain("ClassNotFoundException");
    assertThat(Runtime.version().feature()).isEqualTo(25);
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
