package dev.millrace.bench.rig;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of this tool's own class path that answers one line for each line it is told.
 *
 * <p>Threading: for one thread at a time.
 *
 * <p>Ownership: the starter closes it. The child ends by itself when its standard input ends, so it
 * does not outlive a tool that was killed.
 */
public final class ChildJvm implements AutoCloseable {
  private final Child child;
  private final BufferedWriter in;
  private final BufferedReader out;

  private ChildJvm(Child child) {
    this.child = child;
    this.in =
        new BufferedWriter(
            new OutputStreamWriter(child.process().getOutputStream(), StandardCharsets.UTF_8));
    this.out =
        new BufferedReader(
            new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts that main class. */
  public static ChildJvm start(
      Class<?> main, List<String> jvmOptions, List<String> arguments, Cpus cpus, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    return new ChildJvm(Child.startPiped(command, cpus, log));
  }

  /** Says a line and waits for the answer. */
  public String ask(String line) {
    try {
      in.write(line);
      in.newLine();
      in.flush();
      return answer();
    } catch (IOException e) {
      throw new UncheckedIOException(child.logTail(), e);
    }
  }

  /** The next line of the child. Errors: unchecked, with its log, when it has ended. */
  public String answer() {
    try {
      String line = out.readLine();
      if (line == null) {
        throw new IllegalStateException("a child ended: " + child.logTail());
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(child.logTail(), e);
    }
  }

  /** The process. */
  public Child child() {
    return child;
  }

  @Override
  public void close() {
    child.close();
  }
}
