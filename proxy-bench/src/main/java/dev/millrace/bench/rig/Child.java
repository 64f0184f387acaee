package dev.millrace.bench.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A process that this one started, with its output in a file.
 *
 * <p>Threading: for one thread at a time.
 *
 * <p>Ownership: the starter closes it; whatever the process started ends with it.
 */
public final class Child implements AutoCloseable {
  private static final int END_SECONDS = 10;
  private static final int TAIL_CHARS = 4000;
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    // A tool that is stopped by a signal leaves nothing running.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Child::end)));
  }

  private final Process process;
  private final Path log;

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
    RUNNING.add(process);
  }

  /** Starts it; standard output and error go to the log. */
  public static Child start(List<String> command, Cpus cpus, Map<String, String> more, Path log) {
    return new Child(launch(builder(command, cpus, more).redirectErrorStream(true), log), log);
  }

  /** Starts it with standard input and output as pipes; standard error goes to the log. */
  static Child startPiped(List<String> command, Cpus cpus, Path log) {
    ProcessBuilder builder = builder(command, cpus, Map.of());
    builder.redirectError(log.toFile());
    try {
      return new Child(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder builder(
      List<String> command, Cpus cpus, Map<String, String> environment) {
    List<String> whole = new ArrayList<>(cpus.prefix());
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.environment().putAll(environment);
    return builder;
  }

  private static Process launch(ProcessBuilder builder, Path log) {
    builder.redirectOutput(log.toFile());
    try {
      Process started = builder.start();
      started.getOutputStream().close();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  Process process() {
    return process;
  }

  /** The end of what it wrote. */
  public String logTail() {
    try {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1);
      return text.substring(Math.max(0, text.length() - TAIL_CHARS));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  /** Ends it and its children: first by a signal, then for good. */
  @Override
  public void close() {
    end(process);
    RUNNING.remove(process);
  }

  private static void end(Process process) {
    List<ProcessHandle> family = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    family.forEach(ProcessHandle::destroyForcibly);
  }
}
