package dev.millrace.bench.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder in memory, where the machine has one (tmpfs), so that no disk is measured by accident.
 *
 * <p>Ownership: removed with all that is in it by {@link #close}.
 */
public final class ScratchFolder implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String PREFIX = "millrace-bench";

  private final Path path;

  private ScratchFolder(Path path) {
    this.path = path;
  }

  /** A new empty folder. */
  public static ScratchFolder create() throws IOException {
    return new ScratchFolder(
        Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, PREFIX)
            : Files.createTempDirectory(PREFIX));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(path)) {
      all = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path one : all) {
      Files.deleteIfExists(one);
    }
  }
}
