package dev.millrace.bench.rig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Reads {@code /proc}. A process that ended in between reads as nothing.
 *
 * <p>Threading: thread-safe.
 */
final class ProcFiles {
  private static final double TICKS_PER_SECOND = 100;

  private final Path proc;

  ProcFiles(Path proc) {
    this.proc = proc;
  }

  /** One process, without those it started. */
  ProcessSample sample(long pid) {
    Path folder = proc.resolve(String.valueOf(pid));
    try {
      String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
      String status = Files.readString(folder.resolve("status"), StandardCharsets.ISO_8859_1);
      return parse(stat, status, fds(folder.resolve("fd")));
    } catch (IOException e) {
      return ProcessSample.NONE;
    }
  }

  static ProcessSample parse(String stat, String status, int fds) {
    // The name stands in parentheses and may hold anything: fields are counted behind it.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    double ticks = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
    return new ProcessSample(
        ticks / TICKS_PER_SECOND,
        1024 * number(status, "VmRSS:"),
        1024 * number(status, "VmHWM:"),
        fds,
        (int) number(status, "Threads:"));
  }

  /** Makes the present memory the most there was. */
  void resetPeak(long pid) {
    try {
      Files.writeString(proc.resolve(pid + "/clear_refs"), "5");
    } catch (IOException e) {
      // Without the right to do so the peak counts from the start of the process.
      assert !proc.toString().isEmpty();
    }
  }

  private static int fds(Path folder) throws IOException {
    long size = Files.size(folder);
    if (size > 0) {
      return (int) size; // Linux 6.2 and newer count them in the folder's size.
    }
    try (Stream<Path> open = Files.list(folder)) {
      return (int) open.count();
    }
  }

  private static long number(String status, String name) {
    int at = status.indexOf(name);
    if (at < 0) {
      return 0;
    }
    int end = status.indexOf('\n', at);
    String value = status.substring(at + name.length(), end < 0 ? status.length() : end);
    return Long.parseLong(value.replaceAll("[^0-9]", ""));
  }
}
