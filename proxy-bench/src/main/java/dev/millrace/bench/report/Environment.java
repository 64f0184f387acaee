package dev.millrace.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Where a result comes from.
 *
 * @param machine processor, CPUs, memory, kernel
 * @param jvm the JVM of the tool and of what it starts
 * @param revision of the source tree, with a {@code +} when it was changed
 * @param date when, UTC
 * @param command how it was asked for
 */
public record Environment(
    String machine, String jvm, String revision, String date, String command) {

  /** Of this process. */
  public static Environment read(Path tree, InstantSource clock, String command) {
    return new Environment(
        describeMachine(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        describeRevision(tree),
        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
        command);
  }

  private static String describeMachine() {
    String cpu = line("/proc/cpuinfo", "model name").replaceFirst(".*:\\s*", "");
    String memory = line("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "");
    long gib = memory.isEmpty() ? 0 : Math.round(Long.parseLong(memory) / 1024.0 / 1024.0);
    int cpus = Runtime.getRuntime().availableProcessors();
    return cpus + " × " + cpu + ", " + gib + " GiB, Linux " + System.getProperty("os.version");
  }

  private static String line(String file, String start) {
    try (var lines = Files.lines(Path.of(file), StandardCharsets.UTF_8)) {
      return lines.filter(line -> line.startsWith(start)).findFirst().orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static String describeRevision(Path tree) {
    String head = git(tree, "rev-parse", "--short=12", "HEAD");
    return git(tree, "status", "--porcelain", "proxy-core/src/main").isEmpty() ? head : head + "+";
  }

  private static String git(Path tree, String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("git", "-C", tree.toString()));
    command.addAll(List.of(arguments));
    try {
      Process git =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
