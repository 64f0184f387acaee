package dev.millrace.it.rig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A command that ran to its end: exit code and output, standard error after standard output.
 *
 * <p>Threading: immutable.
 */
public record Run(int exitCode, String output) {
  private static final int KILLED = 137;

  /** Runs the product to its end. */
  public static Run product(Launch launch) {
    return finish(launch.brief().start(), Duration.ofSeconds(60));
  }

  /** Runs another program to its end, with additions to the environment. */
  public static Run program(
      List<String> command, @Nullable Path folder, Map<String, String> env, Duration limit) {
    ProcessBuilder builder = new ProcessBuilder(command);
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    builder.environment().putAll(env);
    try {
      return finish(builder.start(), limit);
    } catch (IOException e) {
      return new Run(127, String.valueOf(e.getMessage()));
    }
  }

  private static Run finish(Process process, Duration limit) {
    Collected out = new Collected(process.getInputStream());
    Collected err = new Collected(process.getErrorStream());
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      String text = out.text() + err.text();
      return new Run(ended ? process.exitValue() : KILLED, text);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Reads a stream to its end beside the process. */
  private static final class Collected {
    private final Thread reader;
    private volatile String text = "";

    Collected(InputStream in) {
      reader = Thread.ofPlatform().daemon().start(() -> text = readAll(in));
    }

    String text() throws InterruptedException {
      reader.join(Duration.ofSeconds(10));
      return text;
    }

    private static String readAll(InputStream in) {
      try (in) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "output lost: " + e;
      }
    }
  }
}
