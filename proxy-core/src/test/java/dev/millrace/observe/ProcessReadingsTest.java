package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the JVM says of itself reaches the page of metrics. */
final class ProcessReadingsTest {
  @Test
  void allocatedHeap_countsWhatThreadsAllocate() {
    Metrics metrics = new Metrics(List.of());
    new ProcessReadings().register(metrics, 1);
    double before = value(metrics, "millrace_jvm_allocated_bytes_total ");

    byte[] garbage = new byte[8 << 20];

    assertThat(value(metrics, "millrace_jvm_allocated_bytes_total ") - before)
        .isGreaterThanOrEqualTo(garbage.length);
  }

  @Test
  void heapAfterGc_isWhatACollectionLeft() {
    Metrics metrics = new Metrics(List.of());
    new ProcessReadings().register(metrics, 1);
    byte[] kept = new byte[8 << 20];

    System.gc();

    assertThat(value(metrics, "millrace_jvm_heap_after_gc_bytes "))
        .isGreaterThanOrEqualTo(kept.length);
  }

  private static double value(Metrics metrics, String name) {
    return new String(new MetricsPage(metrics).render(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }
}
