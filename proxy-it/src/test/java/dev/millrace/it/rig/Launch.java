package dev.millrace.it.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How the product is started: flags of its JVM, its arguments, its environment.
 *
 * <p>Threading: immutable.
 */
public record Launch(List<String> jvmFlags, List<String> arguments, Map<String, String> env) {
  private static final List<String> CHECKS =
      List.of(
          "-ea",
          "-XX:+UseSerialGC",
          "--enable-native-access=ALL-UNNAMED",
          "-Dio.netty.leakDetection.level=paranoid",
          "-Dio.netty.leakDetection.targetRecords=32");

  /** For commands that end at once: the second compiler would only start up. */
  private static final List<String> BRIEF = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");

  private static final List<String> MEMORY = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m");

  /** Copies the lists. */
  public Launch {
    jvmFlags = List.copyOf(jvmFlags);
    arguments = List.copyOf(arguments);
    env = Map.copyOf(env);
  }

  /** The product with these arguments and usual memory. */
  public static Launch of(String... arguments) {
    return new Launch(MEMORY, List.of(arguments), Map.of());
  }

  /** The same with other flags for memory and whatever else the JVM takes. */
  public Launch jvm(List<String> flags) {
    return new Launch(flags.isEmpty() ? jvmFlags : flags, arguments, env);
  }

  /** The same for a command that ends at once. */
  public Launch brief() {
    return jvm(BRIEF);
  }

  /** The same with other environment variables. */
  public Launch environment(Map<String, String> variables) {
    return new Launch(jvmFlags, arguments, variables);
  }

  /** Starts the process; its standard output and error are to be read by the caller. */
  Process start() {
    ProcessBuilder builder = new ProcessBuilder(command());
    builder.environment().keySet().removeIf(Launch::wouldConfigureTheProduct);
    builder.environment().putAll(env);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean wouldConfigureTheProduct(String variable) {
    String upper = variable.toUpperCase(Locale.ROOT);
    return upper.startsWith("MILLRACE_") || upper.endsWith("_PROXY");
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(javaTool("java"));
    command.addAll(CHECKS);
    command.addAll(jvmFlags);
    command.add("-cp");
    command.add(property("millrace.classpath"));
    command.add("dev.millrace.Main");
    command.addAll(arguments);
    return command;
  }

  /** A tool of the JDK that runs the tests. */
  static String javaTool(String name) {
    return Path.of(property("java.home"), "bin", name).toString();
  }

  private static String property(String name) {
    return Objects.requireNonNull(
        System.getProperty(name), () -> "system property " + name + " is not set");
  }
}
