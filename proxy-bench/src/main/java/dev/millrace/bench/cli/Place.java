package dev.millrace.bench.cli;

import dev.millrace.bench.report.Environment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Where a command runs.
 *
 * @param tree the root of the source tree
 * @param clock tells the date of a result
 * @param line the arguments
 */
record Place(Path tree, InstantSource clock, String line) {
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Where results lie. */
  Path results() {
    return tree.resolve("docs/benchmarks");
  }

  /** Says where a result comes from. */
  Environment environment() {
    return Environment.read(tree, clock, "bin/millrace-bench " + line);
  }

  /** Where data lies when nothing else is said: in memory, where the system has such a folder. */
  static Path defaultFolder() {
    return Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
  }
}
