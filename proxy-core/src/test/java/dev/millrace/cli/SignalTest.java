package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A real process that gets a real signal drains and ends with the documented code. */
@Timeout(60)
final class SignalTest {

  /** Not SIGINT: a test run in the background of a shell inherits it as ignored. */
  @Test
  void signal_drainsAndExitsWithZero() throws Exception {
    Process child = start("good");
    try (BufferedReader lines = reader(child)) {
      assertThat(lines.readLine()).isEqualTo("listening on http://127.0.0.1:1");
      terminate(child);
      assertThat(lines.readLine()).isEqualTo("drained");
      assertThat(lines.readLine()).isNull();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void failedDrain_exitsWithOne() throws Exception {
    Process child = start("bad");
    try (BufferedReader lines = reader(child)) {
      assertThat(lines.readLine()).startsWith("listening on ");
      terminate(child);
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isEqualTo(1);
    } finally {
      child.destroyForcibly();
    }
  }

  private static Process start(String drain) throws IOException {
    String java = Path.of(property("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java, "-Xshare:auto", "-cp", property("java.class.path"), Child.class.getName(), drain)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void terminate(Process child) throws Exception {
    Process kill = new ProcessBuilder("kill", "-TERM", Long.toString(child.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static BufferedReader reader(Process child) {
    return new BufferedReader(
        new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }

  /** The command line with a proxy that does nothing. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
      PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      RunningNode node =
          new RunningNode() {
            @Override
            public List<String> urls() {
              return List.of("http://127.0.0.1:1");
            }

            @Override
            public void drain() {
              LoggerFactory.getLogger(SignalTest.class).info("draining");
              if (args[0].equals("bad")) {
                throw new IllegalStateException("planted");
              }
              out.println("drained");
            }
          };
      new Cli(
              new Surroundings(Map.of(), out, err, 1L << 30, "1"),
              settings -> node,
              new ProcessLifetime(() -> {}))
          .run("serve", "--remote", "files=generic:https://files.example.com");
    }
  }
}
