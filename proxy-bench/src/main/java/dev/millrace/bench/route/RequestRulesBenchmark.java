package dev.millrace.bench.route;

import static java.util.Objects.requireNonNull;

import dev.millrace.bench.config.BenchSettings;
import dev.millrace.bench.config.ProductionJvm;
import dev.millrace.config.RemoteSettings;
import dev.millrace.format.Classifier;
import dev.millrace.format.ContentClass;
import dev.millrace.format.Formats;
import dev.millrace.observe.Refusal;
import dev.millrace.policy.PathRules;
import dev.millrace.route.Route;
import dev.millrace.route.Router;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What do the rules cost that every request passes before it is looked up?
 *
 * <p>Command: {@code java -jar proxy-bench/target/benchmarks.jar RequestRulesBenchmark -prof gc}
 *
 * <p>Decision it serves: whether routes and verdicts have to be remembered by target, or are cheap
 * enough to be worked out for each request.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {ProductionJvm.COMPACT_HEADERS, ProductionJvm.ASSERTIONS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestRulesBenchmark {
  /** Regular expressions in each of the four lists of the remote. */
  @Param({"0", "10"})
  private int patterns;

  @Param({
    "/api/v1/remote/files/org/example/library/1.2.3/library-1.2.3.jar",
    "/api/v1/remote/files/%40scope%2flibrary/-/library-1.2.3%2Bb1.tgz?download=true"
  })
  private String target = "";

  private final Router router = new Router();
  private @Nullable PathRules rules;
  private @Nullable Classifier classifier;
  private String path = "";

  /** Makes a remote with that many patterns, none of which decides but the last to allow. */
  @Setup
  public void setUp() throws IOException {
    RemoteSettings remote =
        BenchSettings.remote(
            list("blocklist", i -> "^internal/team" + i + "/"),
            list("patterns", i -> i == patterns - 1 ? "." : "^com/vendor" + i + "/"),
            list("mutable_patterns", i -> "/index" + i + "\\\\.json$"),
            list("immutable_patterns", i -> "\\\\.ext" + i + "$"));
    rules = new PathRules(remote);
    classifier = new Classifier(remote, requireNonNull(Formats.named(remote.packageType())));
    path = ((Route.Remote) router.route(target)).path();
  }

  private String list(String key, IntFunction<String> pattern) {
    return IntStream.range(0, patterns)
        .mapToObj(i -> '"' + pattern.apply(i) + '"')
        .collect(Collectors.joining(", ", key + ": [", "]"));
  }

  /** Reads the target. */
  @Benchmark
  public Route route() {
    return router.route(target);
  }

  /** Classifies the path. */
  @Benchmark
  public ContentClass classify() {
    return requireNonNull(classifier).classify(path);
  }

  /** Asks the allow and deny lists. */
  @Benchmark
  public @Nullable Refusal policy() {
    return requireNonNull(rules).refusalOf(path);
  }

  /** All three, as a request does. */
  @Benchmark
  public void all(Blackhole sink) {
    if (router.route(target) instanceof Route.Remote(String remote, String below)) {
      sink.consume(remote);
      sink.consume(requireNonNull(rules).refusalOf(below));
      sink.consume(requireNonNull(classifier).classify(below));
    }
  }
}
