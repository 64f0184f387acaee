package dev.millrace.server;

import static java.util.Objects.requireNonNull;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.bench.fill.UncountedFills;
import dev.millrace.bench.store.ScratchStore;
import dev.millrace.config.Networks;
import dev.millrace.config.Settings;
import dev.millrace.coordinate.NegativeCache;
import dev.millrace.exchange.ExchangeLog;
import dev.millrace.exchange.ExchangeServices;
import dev.millrace.exchange.Exchanges;
import dev.millrace.exchange.Indexes;
import dev.millrace.exchange.PublicUrl;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.Fetcher;
import dev.millrace.fill.FillServices;
import dev.millrace.fill.FillTable;
import dev.millrace.manage.ManagementPages;
import dev.millrace.manage.Readiness;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.MetricsPage;
import dev.millrace.observe.RequestLog;
import dev.millrace.serve.HotBodies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a small hit cost before and behind its system calls: from the bytes of the request to
 * the bytes of the answer, through the pipeline of a real connection?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar EmbeddedHitBenchmark -prof gc}
 *
 * <p>Decision it serves: where the time of a small hit goes, beside {@link RequestDecoderBenchmark}
 * and the other parts; the difference to {@code SmallHitBenchmark} is the kernel's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {
      ProductionJvm.COMPACT_HEADERS,
      ProductionJvm.ASSERTIONS,
      ProductionJvm.NATIVE_ACCESS
    })
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 1)
public class EmbeddedHitBenchmark {
  private static final int BODY_BYTES = 4096;

  @Param private RequestHeads head = RequestHeads.SHORT;

  /** Where the request log goes: nowhere without a line, or made and thrown away. */
  @Param({"off", "stdout"})
  private String log = "off";

  private final Peer channel = new Peer();
  private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
  private @Nullable ScratchStore scratch;
  private @Nullable RequestLog requests;

  /** Stores the artifact and opens the connection. */
  @Setup
  public void setUp() throws IOException {
    scratch = ScratchStore.ofFiles();
    scratch.put(new ArtifactKey(BenchSettings.REMOTE, RequestHeads.PATH), new byte[BODY_BYTES]);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.US_ASCII);
    requests = RequestLog.open(log, nowhere, nowhere);
    Settings settings = BenchSettings.process(Path.of("unused"), "http://127.0.0.1:9", Map.of());
    ClientConnection connection =
        new ClientConnection(
            exchanges(settings, scratch, requests),
            settings.limits(),
            new DateField(InstantSource.system()),
            new FileDelivery(null, 0, null));
    channel.pipeline().addLast("decoder", connection.decoder()).addLast("connection", connection);
    channel.pipeline().fireChannelActive();
    bytes = head.direct();
    if (hit() != 2) {
      throw new IllegalStateException("an answer is a head and a region");
    }
  }

  private static Exchanges exchanges(Settings settings, ScratchStore scratch, RequestLog requests) {
    Fetcher never =
        (request, sink) -> {
          throw new IllegalStateException("a hit asks no upstream");
        };
    Metrics metrics = new Metrics(List.of(BenchSettings.REMOTE));
    InstantSource clock = InstantSource.system();
    BodyBudget budget = new BodyBudget(settings.bodyMemoryBytes());
    FillTable fills =
        new FillTable(
            new FillServices(
                never,
                scratch.store(),
                budget,
                Runnable::run,
                new JdkDigestEngine(),
                clock,
                System::nanoTime,
                new UncountedFills(),
                Long.MAX_VALUE,
                Duration.ZERO),
            1);
    return new Exchanges(
        new ExchangeServices(
            scratch.store(),
            fills,
            never,
            budget,
            new HotBodies(budget, Runnable::run),
            new NegativeCache(System::nanoTime),
            new Indexes(scratch.store(), new JdkDigestEngine(), Runnable::run, 1 << 20, 0),
            new PublicUrl(new Settings.Outward(null, Networks.NONE)),
            clock),
        new ExchangeLog(metrics, requests, clock),
        new ManagementPages(
            new ManagementPages.Build("bench", () -> "jdk"),
            new Readiness(List.of(), System::nanoTime),
            () -> false,
            new MetricsPage(metrics)),
        Runnable::run,
        settings.remotes());
  }

  /** Ends everything. */
  @TearDown
  public void tearDown() throws IOException {
    channel.finishAndReleaseAll();
    bytes.release();
    requireNonNull(requests).close();
    requireNonNull(scratch).close();
  }

  /** One request and its answer; how many messages would have gone to the socket. */
  @Benchmark
  public int hit() {
    channel.pipeline().fireChannelRead(bytes.retainedDuplicate());
    channel.pipeline().fireChannelReadComplete();
    int messages = 0;
    for (Object sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
      ReferenceCountUtil.release(sent);
      messages++;
    }
    return messages;
  }

  /** A connection with a client's address, which the log wants. */
  private static final class Peer extends EmbeddedChannel {
    @Override
    protected SocketAddress remoteAddress0() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);
    }
  }
}
