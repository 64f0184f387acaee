package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each event moves its own time series, and no request can make a new one. */
final class MetricsTest {
  private final Metrics metrics = new Metrics(List.of("files", "other"));

  @Test
  void nothingHappened_everyCounterIsThereAtZero() {
    List<String> page = page();

    for (Outcome outcome : Outcome.values()) {
      assertThat(page)
          .contains("millrace_requests_total{outcome=\"" + outcome.label() + "\"} 0.0")
          .contains("millrace_sent_bytes_total{outcome=\"" + outcome.label() + "\"} 0.0");
    }
    for (Refusal refusal : Refusal.values()) {
      assertThat(page).contains("millrace_refusals_total{reason=\"" + refusal.label() + "\"} 0.0");
    }
    for (FetchFailure failure : FetchFailure.values()) {
      assertThat(page)
          .contains("millrace_fetch_failures_total{reason=\"" + failure.label() + "\"} 0.0");
    }
    assertThat(page)
        .contains("millrace_remote_requests_total{remote=\"files\",source=\"cache\"} 0.0");
  }

  @Test
  void events_moveTheirSeries() {
    metrics.requestFinished(Outcome.HIT, 10);
    metrics.requestFinished(Outcome.HIT, 5);
    metrics.refused(Refusal.BAD_PATH);
    metrics.fetchFailed(FetchFailure.DIAL_TIMEOUT);
    metrics.fetchStarted();
    metrics.upstreamBytes(1L << 40);
    metrics.connectionRefused();
    metrics.firstByteSent(2_000_000);
    metrics.upstreamHeadReceived(40_000_000_000L);
    metrics.remote("files").requestFinished(Source.CACHE, 3);
    metrics.remote("files").fetchStarted();
    metrics.remote("files").fetchFailed();
    metrics.remote("other").upstreamBytes(9);

    assertThat(page())
        .contains(
            "millrace_requests_total{outcome=\"hit\"} 2.0",
            "millrace_sent_bytes_total{outcome=\"hit\"} 15.0",
            "millrace_requests_total{outcome=\"miss\"} 0.0",
            "millrace_refusals_total{reason=\"bad-path\"} 1.0",
            "millrace_fetch_failures_total{reason=\"dial-timeout\"} 1.0",
            "millrace_fetches_total 1.0",
            "millrace_upstream_bytes_total 1.099511627776E12",
            "millrace_connections_refused_total 1.0",
            "millrace_first_byte_seconds_bucket{le=\"0.001\"} 0",
            "millrace_first_byte_seconds_bucket{le=\"0.0025\"} 1",
            "millrace_upstream_head_seconds_bucket{le=\"30.0\"} 0",
            "millrace_upstream_head_seconds_bucket{le=\"+Inf\"} 1",
            "millrace_remote_requests_total{remote=\"files\",source=\"cache\"} 1.0",
            "millrace_remote_sent_bytes_total{remote=\"files\",source=\"cache\"} 3.0",
            "millrace_remote_fetches_total{remote=\"files\"} 1.0",
            "millrace_remote_fetch_failures_total{remote=\"files\"} 1.0",
            "millrace_remote_upstream_bytes_total{remote=\"other\"} 9.0",
            "millrace_remote_upstream_bytes_total{remote=\"files\"} 0.0");
  }

  @ParameterizedTest
  @EnumSource(Reading.class)
  void reading_isReadAtEachPage_withItsHelp(Reading reading) {
    AtomicLong value = new AtomicLong(1);
    metrics.read(reading, value::get);
    String name =
        reading.kind() == Reading.Kind.COUNTER ? reading.metric() + "_total" : reading.metric();

    assertThat(page()).contains(name + " 1.0").contains("# HELP " + name + " " + reading.help());
    value.set(2);
    assertThat(page()).contains(name + " 2.0");
  }

  @Test
  void secondSourceOfAReading_isRefused() {
    metrics.read(Reading.FILLS, () -> 1);

    assertThatThrownBy(() -> metrics.read(Reading.FILLS, () -> 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** MG11: labels come from closed sets only. */
  @Test
  void remoteThatIsNotConfigured_getsNoSeries() {
    int before = page().size();

    assertThatThrownBy(() -> metrics.remote("files/../x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(page()).hasSize(before);
  }

  @Test
  void everySeries_beginsWithMillrace_andHasHelp() {
    for (Reading reading : Reading.values()) {
      metrics.read(reading, () -> 0);
    }
    List<String> page = page();

    assertThat(page.stream().filter(line -> !line.startsWith("#")))
        .allSatisfy(line -> assertThat(line).startsWith("millrace_"));
    assertThat(page.stream().filter(line -> line.startsWith("# TYPE ")).map(MetricsTest::name))
        .isEqualTo(
            page.stream()
                .filter(line -> line.startsWith("# HELP "))
                .map(MetricsTest::name)
                .toList());
  }

  @Test
  void counting_allocatesNothing() {
    RemoteMetrics remote = metrics.remote("files");
    count(remote, 20_000);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    count(remote, 1000);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    // A few hundred bytes belong to the measurement itself; one object for each event would be
    // more.
    assertThat(allocated).isLessThan(8_000);
  }

  private void count(RemoteMetrics remote, int times) {
    for (int i = 0; i < times; i++) {
      metrics.requestFinished(Outcome.HIT, i);
      metrics.refused(Refusal.BAD_PATH);
      metrics.upstreamBytes(i);
      remote.requestFinished(Source.CACHE, i);
      remote.upstreamBytes(i);
    }
  }

  @Test
  void processReadings_areAllRegistered_andPlausible(@TempDir Path folder) throws IOException {
    new ProcessReadings().register(metrics, 123);

    String page = new String(new MetricsPage(metrics).render(), StandardCharsets.UTF_8);
    for (Reading reading :
        List.of(Reading.JVM_HEAP, Reading.JVM_THREADS, Reading.PROCESS_RSS, Reading.PROCESS_FDS)) {
      assertThat(value(page, reading)).as(reading.metric()).isPositive();
    }
    assertThat(value(page, Reading.JVM_DIRECT_LIMIT)).isEqualTo(123);
    Path status = Files.writeString(folder.resolve("status"), "VmSize:\t 9 kB\nVmRSS:\t  77 kB\n");
    assertThat(new ProcessReadings(status).residentBytes()).isEqualTo(77 * 1024);
    assertThat(new ProcessReadings(folder.resolve("none")).residentBytes()).isNaN();
  }

  private static double value(String page, Reading reading) {
    return page.lines()
        .filter(line -> line.startsWith(reading.metric() + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  private static String name(String line) {
    return Stream.of(line.split(" ", 4)).skip(2).findFirst().orElseThrow();
  }

  private List<String> page() {
    return new String(new MetricsPage(metrics).render(), StandardCharsets.UTF_8).lines().toList();
  }
}
