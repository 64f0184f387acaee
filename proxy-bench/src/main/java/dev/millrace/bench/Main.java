package dev.millrace.bench;

import dev.millrace.bench.cli.BenchCommand;
import java.nio.file.Path;
import java.time.InstantSource;

/** Starts the benchmarks: {@code bin/millrace-bench} hands over the root of the source tree. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    Path tree = Path.of(System.getProperty("millrace.tree", "")).toAbsolutePath();
    System.exit(BenchCommand.run(tree, InstantSource.system(), args));
  }
}
