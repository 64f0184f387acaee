package dev.millrace.it.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A copy of what {@code bin/millrace} builds from, as it is after a checkout: nothing is built.
 *
 * <p>Threading: immutable; what runs in it is ended by the caller.
 */
public record SourceTree(Path root) {
  /** A first build takes a minute on a quiet machine. */
  private static final Duration LIMIT = Duration.ofMinutes(6);

  /** A new copy among the temporary files. */
  public static SourceTree copy() {
    Path source = Launch.root();
    SourceTree copy = new SourceTree(Folder.create().root());
    List<String> parts = new ArrayList<>(List.of("pom.xml", "bin", "proxy-core/src/main"));
    try (Stream<Path> modules = Files.list(source)) {
      modules
          .map(module -> module.resolve("pom.xml"))
          .filter(Files::exists)
          .forEach(pom -> parts.add(source.relativize(pom).toString()));
      for (String part : parts) {
        copyAll(source.resolve(part), copy.root.resolve(part));
      }
      return copy;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copyAll(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path copy = to.resolve(from.relativize(path).toString());
        Files.copy(path, copy);
        boolean executable = copy.toFile().setExecutable(Files.isExecutable(path));
        if (!executable) {
          throw new IOException("cannot set the mode of " + copy);
        }
      }
    }
  }

  /** The launcher. */
  public Path launcher() {
    return root.resolve("bin/millrace");
  }

  /** Whether something was built. */
  public boolean isBuilt() {
    return Files.exists(root.resolve("proxy-core/target/classes"));
  }

  /** Runs the launcher to its end with an environment of nothing but these variables. */
  public Run runWith(List<String> variables, String... arguments) {
    return runIn(variables, launcher(), arguments);
  }

  /** Runs a script with an environment of nothing but these variables. */
  public static Run runIn(List<String> variables, Path script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("env", "-i"));
    command.addAll(variables);
    command.add(script.toString());
    command.addAll(List.of(arguments));
    return Run.program(command, null, Map.of(), LIMIT);
  }

  /** The product by this launcher. */
  public Launch launch(String... arguments) {
    return Launch.of(arguments).by(launcher());
  }

  /** Removes the copy and what was built in it. */
  public void delete() {
    new Folder(root).delete();
  }
}
