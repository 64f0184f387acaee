package dev.millrace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs all stress classes in a child process.
 *
 * <p>A test and not a plugin, so that jcstress runs on the Java of the tests. It counts results,
 * because jcstress ends well when not one of its JVMs has started.
 */
final class JcstressTest {

  @Test
  @Timeout(value = 3, unit = TimeUnit.HOURS)
  void everyStressClass_showsAllowedOutcomesOnly() throws IOException, InterruptedException {
    Path results = Files.createDirectories(Path.of(property("jcstress.results")));
    Process jcstress =
        new ProcessBuilder(
                Path.of(property("java.home"), "bin", "java").toString(),
                "-cp",
                property("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-m",
                property("jcstress.mode"),
                "-r",
                results.toString())
            .directory(results.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(jcstress.getInputStream().readAllBytes(), UTF_8);

    assertThat(jcstress.waitFor()).as(output).isZero();
    assertThat(output)
        .containsPattern("Results: \\d+ planned; [1-9]\\d* passed, 0 failed, 0 soft errs, 0 hard")
        .doesNotContainPattern("[1-9]\\d* (failed|soft errs|hard errs)");
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
