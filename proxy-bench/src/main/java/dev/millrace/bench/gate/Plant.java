package dev.millrace.bench.gate;

import dev.millrace.bench.peer.RunningPeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A regression kept as a patch, to show that the gate sees it. The first line of the patch says
 * what has to fail: {@code Fails: <figure>}.
 *
 * @param patch the file
 * @param figure the figure that has to fail
 */
public record Plant(Path patch, String figure) {
  private static final String FIRST = "Fails: ";
  private static final List<String> COPIED =
      List.of("pom.xml", "bin", "proxy-core", "proxy-bench/pom.xml", "proxy-it/pom.xml");

  /** All plants of a source tree. */
  public static List<Plant> all(Path tree) {
    try (Stream<Path> files = Files.list(tree.resolve("proxy-bench/plants"))) {
      return files
          .filter(file -> file.toString().endsWith(".patch"))
          .sorted()
          .map(Plant::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Plant read(Path patch) {
    try (Stream<String> lines = Files.lines(patch)) {
      String first = lines.findFirst().orElse("");
      if (!first.startsWith(FIRST)) {
        throw new IllegalArgumentException(patch + " does not begin with \"" + FIRST + "\"");
      }
      return new Plant(patch, first.substring(FIRST.length()).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its short name. */
  public String name() {
    return patch.getFileName().toString().replaceFirst("\\.patch$", "");
  }

  /** Makes a built copy of the source tree with the plant in it. */
  public void apply(Path tree, Path copy) {
    RunningPeer.remove(copy);
    COPIED.forEach(part -> copy(tree.resolve(part), copy.resolve(part)));
    run(copy, "patch", "-p1", "--forward", "--fuzz=0", "-i", patch.toAbsolutePath().toString());
    run(copy, copy.resolve("bin/millrace").toString(), "--version");
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(each -> !isBuilt(from, each)).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isBuilt(Path from, Path file) {
    Path inside = from.relativize(file);
    return inside.startsWith("target") || inside.startsWith("src/test");
  }

  private void run(Path folder, String... command) {
    try {
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(name() + ": " + command[0] + " failed:\n" + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
