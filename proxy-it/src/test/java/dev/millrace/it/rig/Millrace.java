package dev.millrace.it.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The product, running as a child process under the paranoid leak detector.
 *
 * <p>Threading: its methods may be called from any thread.
 *
 * <p>Errors: {@link #close} fails when the output tells of a leak or an uncaught exception.
 */
public final class Millrace implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile("listening on http://(?:127\\.0\\.0\\.1|localhost|\\[::1]):(\\d+)");
  private static final Pattern LISTENING_TLS =
      Pattern.compile("listening on https://127\\.0\\.0\\.1:(\\d+)");
  private static final Duration START_LIMIT = Duration.ofSeconds(30);

  /** Longer than the default drain timeout. */
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(45);

  private static final int DUMPED_LINES = 120;
  private static final List<String> MUST_NOT_APPEAR =
      List.of(
          "LEAK:",
          "Exception in thread",
          "exceptionCaught() event was fired",
          "An exception was thrown by",
          "Failed to release a message",
          "AssertionError",
          "IllegalReferenceCountException",
          "OutOfMemoryError");

  private final Process process;
  private final ConcurrentLinkedQueue<String> output = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Integer> listening = new CompletableFuture<>();
  private final CompletableFuture<Integer> listeningTls = new CompletableFuture<>();
  private final List<Thread> readers = new ArrayList<>();
  private final List<String> tolerated = new CopyOnWriteArrayList<>();

  /** Watches a process: its output, and its end in {@link #close}. */
  Millrace(Process process) {
    this.process = process;
    readers.add(Thread.ofPlatform().daemon().start(() -> read(process.getInputStream())));
    readers.add(Thread.ofPlatform().daemon().start(() -> read(process.getErrorStream())));
  }

  /** Starts the product and waits until it says where it listens. */
  public static Millrace start(Launch launch) {
    Millrace started = new Millrace(launch.start());
    started.awaitListening();
    return started;
  }

  /** Starts the product and waits until it says where it listens, or has ended. */
  public static Millrace startOrRefuse(Launch launch) {
    Millrace started = new Millrace(launch.start());
    Await.until(
        "listening or ended",
        START_LIMIT,
        () -> started.listening.isDone() || !started.isAlive(),
        started::dump);
    if (!started.isAlive()) {
      started.awaitExit();
    }
    return started;
  }

  void awaitListening() {
    process
        .onExit()
        .thenAccept(p -> listening.completeExceptionally(new IOException("exit " + p.exitValue())))
        .exceptionally(e -> null);
    try {
      listening.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (Exception e) {
      kill();
      throw new AssertionError("the product did not start\n" + dump(), e);
    }
  }

  private void read(InputStream in) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        output.add(line);
        Matcher matcher = LISTENING.matcher(line);
        if (matcher.find()) {
          listening.complete(Integer.valueOf(matcher.group(1)));
        }
        Matcher byTls = LISTENING_TLS.matcher(line);
        if (byTls.find()) {
          listeningTls.complete(Integer.valueOf(byTls.group(1)));
        }
      }
    } catch (IOException e) {
      output.add("output lost: " + e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return listening.join();
  }

  /** The port it listens on for TLS. */
  public int tlsPort() {
    return listeningTls.orTimeout(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** All lines of standard output and standard error so far. */
  public List<String> output() {
    return List.copyOf(output);
  }

  /** Whether a line so far contains the text. */
  public boolean said(String text) {
    return output.stream().anyMatch(line -> line.contains(text));
  }

  /** Reads {@code /metrics} now. */
  public Metrics metrics() {
    try (RawClient client = RawClient.connect(port())) {
      Answer answer = client.get("/metrics", "Connection: close");
      if (answer.status() != 200) {
        throw new AssertionError("/metrics: " + answer);
      }
      return Metrics.parse(answer.text());
    }
  }

  /** Resident memory now. */
  public long residentBytes() {
    return statusKib("VmRSS") * 1024;
  }

  /** The highest resident memory since the start. */
  public long peakResidentBytes() {
    return statusKib("VmHWM") * 1024;
  }

  private long statusKib(String key) {
    for (String line : procLines("status")) {
      if (line.startsWith(key + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IllegalStateException(key + " is not in /proc");
  }

  /** Processor time used so far, all threads. */
  public Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** What its open descriptors point to. */
  public List<String> descriptors() {
    List<String> targets = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
      for (Path entry : entries.toList()) {
        targets.add(linkTarget(entry));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return targets;
  }

  /** How many of its open descriptors are sockets. */
  public long sockets() {
    return descriptors().stream().filter(target -> target.startsWith("socket:")).count();
  }

  private static String linkTarget(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "closed meanwhile: " + e.getMessage();
    }
  }

  private List<String> procLines(String file) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid() + "/" + file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL and waits for the end. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Waits for the end and gives the exit code. */
  public int awaitExit() {
    try {
      if (!process.waitFor(EXIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        String dump = dump() + threads();
        process.destroyForcibly();
        throw new AssertionError("the product did not end\n" + dump);
      }
      for (Thread reader : readers) {
        reader.join(Duration.ofSeconds(5));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Lines with this text are no reason to fail, because the test is about what they tell of. */
  public void tolerate(String text) {
    tolerated.add(text);
  }

  /** Looks for leaks, ends the process in order and fails when its output tells of a fault. */
  @Override
  public void close() {
    if (process.isAlive()) {
      provokeLeakReports();
      terminate();
      int exit = awaitExit();
      if (exit != 0) {
        throw new AssertionError("exit code " + exit + " after SIGTERM\n" + dump());
      }
    }
    checkOutput();
  }

  /** Fails when the output so far tells of a leak or an uncaught exception. */
  public void checkOutput() {
    for (String line : output) {
      boolean bad = MUST_NOT_APPEAR.stream().anyMatch(line::contains);
      if (bad && tolerated.stream().noneMatch(line::contains)) {
        throw new AssertionError("the product said: " + line + "\n" + dump());
      }
    }
  }

  /** The detector reports what the collector found when the next buffer is made. */
  private void provokeLeakReports() {
    for (int round = 0; round < 2; round++) {
      jcmd("GC.run");
      for (int i = 0; i < 5; i++) {
        try (RawClient client = RawClient.connect(port())) {
          client.get("/health", "Connection: close");
        }
      }
    }
  }

  private String jcmd(String command) {
    return Run.program(
            List.of(Launch.javaTool("jcmd"), Long.toString(pid()), command),
            null,
            Map.of(),
            Duration.ofSeconds(20))
        .output();
  }

  /** A thread dump of the product. */
  public String threads() {
    return isAlive() ? jcmd("Thread.print") : "";
  }

  /** The last lines of the output. */
  public String dump() {
    List<String> lines = output();
    List<String> last = lines.subList(Math.max(0, lines.size() - DUMPED_LINES), lines.size());
    return "--- output of the product, last lines\n" + String.join("\n", last) + "\n---\n";
  }
}
