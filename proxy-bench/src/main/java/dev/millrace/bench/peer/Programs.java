package dev.millrace.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs and writes their configuration. */
public final class Programs {
  private Programs() {}

  /** Where a program lies, on {@code PATH} or where system programs are. */
  public static Optional<Path> find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            Stream.of(path.split(":", -1)), Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin"))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What is missing when a program is not there. */
  static Optional<String> missing(String name) {
    return find(name).isPresent() ? Optional.empty() : Optional.of(name + " is not installed");
  }

  /** Makes a folder, with those above it. */
  static Path folder(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a folder that every user may write to. */
  static Path folderForAll(Path folder) {
    try {
      return Files.setPosixFilePermissions(
          folder(folder), PosixFilePermissions.fromString("rwxrwxrwx"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file, with the folders it needs. */
  static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
