package dev.millrace.it.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A checkout that is built and was never started: {@code bin/millrace} with the jars of this build
 * and without sources, so that it finds nothing to build.
 *
 * <p>Threading: immutable; what runs in it is ended by the caller.
 */
public record Checkout(Path root) {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** A new one among the temporary files. */
  public static Checkout create() {
    Path source = Path.of(Objects.requireNonNull(System.getProperty("millrace.root")));
    Path built = source.resolve("proxy-core/target");
    try {
      Path root = Files.createTempDirectory("millrace-it-");
      Path target = Files.createDirectories(root.resolve("proxy-core/target"));
      Files.createDirectories(root.resolve("proxy-core/src/main"));
      Files.createFile(root.resolve("pom.xml"));
      Files.createFile(root.resolve("proxy-core/pom.xml"));
      Files.createDirectory(root.resolve("bin"));
      for (String script : List.of("bin/millrace", "bin/find-jdk")) {
        Files.copy(source.resolve(script), root.resolve(script)).toFile().setExecutable(true);
      }
      Files.copy(built.resolve("millrace.classpath"), target.resolve("millrace.classpath"));
      Files.createSymbolicLink(target.resolve("lib"), built.resolve("lib"));
      Files.copy(jar(built), target.resolve("proxy-core-0.jar"));
      return new Checkout(root);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path jar(Path built) throws IOException {
    try (Stream<Path> files = Files.list(built)) {
      return files
          .filter(file -> file.getFileName().toString().matches("proxy-core-.*\\.jar"))
          .findAny()
          .orElseThrow();
    }
  }

  /** The AOT cache that the launcher records at the first start. */
  public Path cache() {
    return root.resolve("proxy-core/target/millrace.aot");
  }

  /** A file in {@code bin}. */
  public Path script(String name) {
    return root.resolve("bin").resolve(name);
  }

  /** Runs {@code bin/millrace} to its end. */
  public Run run(String javaOptions, String... arguments) {
    return Run.program(
        Stream.concat(Stream.of(script("millrace").toString()), Stream.of(arguments)).toList(),
        null,
        environment(javaOptions),
        LIMIT);
  }

  /** Starts the product by {@code bin/millrace}. */
  public Launch launch(String javaOptions, String... arguments) {
    return Launch.of(arguments).by(script("millrace")).environment(environment(javaOptions));
  }

  private static Map<String, String> environment(String javaOptions) {
    Map<String, String> env = new HashMap<>();
    env.put("JAVA_HOME", Objects.requireNonNull(System.getProperty("java.home")));
    env.put("MILLRACE_JAVA_OPTS", javaOptions);
    return env;
  }
}
