package dev.millrace.it.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the product is started: by {@code bin/millrace}, so that its JVM has the flags it is shipped
 * with; here is only what a test adds to them, its arguments and its environment.
 *
 * <p>Threading: immutable.
 *
 * @param script another launcher than that of this build; null for that one
 */
public record Launch(
    List<String> jvmFlags, List<String> arguments, Map<String, String> env, @Nullable Path script) {
  /** Names the options that the launcher adds to its own. */
  private static final String OPTIONS = "MILLRACE_JAVA_OPTS";

  private static final List<String> CHECKS =
      List.of(
          "-ea",
          "-Dio.netty.leakDetection.level=paranoid",
          "-Dio.netty.leakDetection.targetRecords=32");

  /** For commands that end at once: the second compiler would only start up. */
  private static final List<String> BRIEF = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");

  private static final List<String> MEMORY = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m");
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);

  /** Copies the lists. */
  public Launch {
    jvmFlags = List.copyOf(jvmFlags);
    arguments = List.copyOf(arguments);
    env = Map.copyOf(env);
  }

  /** The product with these arguments and usual memory. */
  public static Launch of(String... arguments) {
    return new Launch(MEMORY, List.of(arguments), Map.of(), null);
  }

  /** The same with other flags for memory and whatever else the JVM takes. */
  public Launch jvm(List<String> flags) {
    return new Launch(flags.isEmpty() ? jvmFlags : flags, arguments, env, script);
  }

  /** The same for a command that ends at once. */
  public Launch brief() {
    return jvm(BRIEF);
  }

  /** The same with other environment variables. */
  public Launch environment(Map<String, String> variables) {
    return new Launch(jvmFlags, arguments, variables, script);
  }

  /** The same by the launcher of another source tree. */
  Launch by(Path launcher) {
    return new Launch(jvmFlags, arguments, env, launcher);
  }

  /** Starts the process; its standard output and error are to be read by the caller. */
  Process start() {
    List<String> command = new ArrayList<>();
    command.add(script == null ? Launcher.SCRIPT : script.toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(Launch::wouldConfigureTheProduct);
    builder.environment().putAll(javaOf(jvmFlags));
    builder.environment().putAll(env);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> javaOf(List<String> flags) {
    List<String> all = new ArrayList<>(CHECKS);
    all.addAll(flags);
    return Map.of("JAVA_HOME", property("java.home"), OPTIONS, String.join(" ", all));
  }

  private static boolean wouldConfigureTheProduct(String variable) {
    String upper = variable.toUpperCase(Locale.ROOT);
    return upper.startsWith("MILLRACE_") || upper.endsWith("_PROXY");
  }

  /** A tool of the JDK that runs the tests. */
  static String javaTool(String name) {
    return Path.of(property("java.home"), "bin", name).toString();
  }

  /** The folder of the sources and of what was built from them. */
  static Path root() {
    return Path.of(property("millrace.root"));
  }

  private static String property(String name) {
    return Objects.requireNonNull(
        System.getProperty(name), () -> "system property " + name + " is not set");
  }

  /**
   * The launcher of this build. Whatever it does at its first start is done once, without haste.
   */
  private static final class Launcher {
    static final String SCRIPT = root().resolve("bin/millrace").toString();

    static {
      Map<String, String> env = javaOf(BRIEF);
      Run first = Run.program(List.of(SCRIPT, "--version"), null, env, BUILD_LIMIT);
      if (first.exitCode() != 0) {
        throw new IllegalStateException(first.output());
      }
    }
  }
}
