package dev.millrace.bench.gate;

import dev.millrace.bench.peer.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Counts the system calls of a process by {@code strace}. */
final class SystemCalls {
  private static final int ATTACH_SECONDS = 10;

  private SystemCalls() {}

  /** How many calls a process makes while {@code work} runs; empty where that cannot be counted. */
  static OptionalLong count(long pid, Path folder, Runnable work) {
    Optional<Path> strace = Programs.find("strace");
    if (strace.isEmpty()) {
      return OptionalLong.empty();
    }
    Path counts = folder.resolve("strace.txt");
    List<String> command =
        List.of(
            strace.get().toString(),
            "-c",
            "-f",
            "-o",
            counts.toString(),
            "-p",
            String.valueOf(pid));
    try {
      Process tracer = new ProcessBuilder(command).redirectErrorStream(true).start();
      if (!attached(tracer)) {
        tracer.destroy();
        return OptionalLong.empty();
      }
      work.run();
      tracer.destroy();
      tracer.waitFor(ATTACH_SECONDS, TimeUnit.SECONDS);
      return Files.exists(counts) ? total(Files.readString(counts)) : OptionalLong.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }

  /** It says that it is attached, or why it is not. */
  private static boolean attached(Process tracer) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = tracer.getInputStream().read(); c >= 0; c = tracer.getInputStream().read()) {
      line.append((char) c);
      if (c == '\n') {
        return line.toString().contains("attached");
      }
    }
    return false;
  }

  /** The number of calls in the last line of a table of counts. */
  static OptionalLong total(String table) {
    return table
        .lines()
        .map(String::strip)
        .filter(line -> line.endsWith(" total"))
        .map(line -> line.split("\\s+", -1))
        .mapToLong(cells -> Long.parseLong(cells[3]))
        .findFirst();
  }
}
