package dev.millrace.bench.node;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.bench.storage.ScratchFolder;
import dev.millrace.node.Node;
import dev.millrace.node.Outside;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many small hits a second does one event loop answer over real sockets?
 *
 * <p>A whole node with one loop in this JVM, and one client thread; a body of 4 KiB, keep-alive.
 * {@code loopCpuNanos} is the processor time of the loop in a second of the run: divided by the
 * score it is what one request costs the node, the kernel's part included; {@code loopUserNanos} is
 * the part outside the kernel.
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar SmallHitBenchmark -prof gc}
 *
 * <p>Decision it serves: what a hit costs in all, and so whether its system calls or its code
 * ({@code EmbeddedHitBenchmark}) are to be saved first.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {
      ProductionJvm.COMPACT_HEADERS,
      ProductionJvm.ASSERTIONS,
      ProductionJvm.NATIVE_ACCESS
    })
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class SmallHitBenchmark {
  private static final int CONNECTIONS = 64;
  private static final int BODY_BYTES = 4096;
  private static final int TRIES_MAX = 1000;
  private static final String PATH = "org/example/library/1.2.3/library-1.2.3.jar";
  private static final long DIRECT_MEMORY_BYTES = 256L << 20;

  /** Where the request log goes; a line is made of each request but for {@code off}. */
  @Param({"off", "stdout"})
  private String log = "off";

  private final List<KeptConnection> connections = new ArrayList<>();
  private @Nullable ScratchFolder folder;
  private @Nullable Node node;

  /** Processor time of the node's loop in one iteration: all of it, and outside the kernel. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Loop {
    /** User and system time. */
    public long loopCpuNanos;

    /** User time; the kernel counts it by ticks, so that it says little of a short run. */
    public long loopUserNanos;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long cpuBefore;
    private long userBefore;

    /** Remembers where the loop's clock stands. */
    @Setup(Level.Iteration)
    public void begin() {
      cpuBefore = sum(threads::getThreadCpuTime);
      userBefore = sum(threads::getThreadUserTime);
    }

    /** Counts what it has used since. */
    @TearDown(Level.Iteration)
    public void end() {
      loopCpuNanos = sum(threads::getThreadCpuTime) - cpuBefore;
      loopUserNanos = sum(threads::getThreadUserTime) - userBefore;
    }

    private long sum(LongUnaryOperator nanosOf) {
      long sum = 0;
      for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
        if (thread != null && thread.getThreadName().startsWith("loop-")) {
          sum += nanosOf.applyAsLong(thread.getThreadId());
        }
      }
      return sum;
    }
  }

  /** Starts the node, lets it fetch the body once, opens the connections. */
  @Setup
  public void setUp() throws IOException {
    folder = ScratchFolder.create();
    HttpServer upstream = upstream();
    try {
      PrintStream nowhere =
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.US_ASCII);
      node =
          Node.start(
              BenchSettings.process(
                  folder.path(),
                  "http://127.0.0.1:" + upstream.getAddress().getPort(),
                  Map.of("MILLRACE_ACCESS_LOG", log, "MILLRACE_THREADS_LOOPS", "1")),
              new Outside(
                  InstantSource.system(),
                  System::nanoTime,
                  Map.of(),
                  DIRECT_MEMORY_BYTES,
                  nowhere,
                  nowhere));
      URI url = URI.create(node.urls().getFirst());
      String target = "/api/v1/remote/" + BenchSettings.REMOTE + "/" + PATH;
      awaitHit(url, target);
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(KeptConnection.open(url, target, BODY_BYTES));
      }
    } finally {
      upstream.stop(0);
    }
  }

  /** Asks until the body comes from the store: the first to ask make it come there. */
  private static void awaitHit(URI url, String target) throws IOException {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      try (KeptConnection connection = KeptConnection.open(url, target, BODY_BYTES)) {
        if (connection.isHit()) {
          return;
        }
      }
    }
    throw new IOException("never a hit");
  }

  private static HttpServer upstream() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "application/java-archive");
          exchange.getResponseHeaders().set("ETag", "\"67a3c1f5-1000\"");
          exchange.getResponseHeaders().set("Last-Modified", "Wed, 05 Feb 2025 20:01:25 GMT");
          exchange.sendResponseHeaders(200, BODY_BYTES);
          exchange.getResponseBody().write(new byte[BODY_BYTES]);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** Ends all of it. */
  @TearDown
  public void tearDown() throws IOException {
    for (KeptConnection connection : connections) {
      connection.close();
    }
    requireNonNull(node).drain();
    requireNonNull(folder).close();
  }

  /** One connection, one request at a time. */
  @Benchmark
  public void one(Loop loop) throws IOException {
    KeptConnection connection = connections.getFirst();
    connection.ask();
    connection.take();
  }

  /** A request on each of 64 connections, then their answers. */
  @Benchmark
  @OperationsPerInvocation(CONNECTIONS)
  public void sixtyFour(Loop loop) throws IOException {
    for (KeptConnection connection : connections) {
      connection.ask();
    }
    for (KeptConnection connection : connections) {
      connection.take();
    }
  }
}
