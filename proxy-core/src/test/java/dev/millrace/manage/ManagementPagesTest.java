package dev.millrace.manage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.Limits;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.MetricsPage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The pages say how the process is, and no more. */
final class ManagementPagesTest {
  private final AtomicBoolean catalog = new AtomicBoolean(true);
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);

  private final ManagementPages pages =
      new ManagementPages(
          new ManagementPages.Build("1.2.3", () -> "jdk"),
          new Readiness(
              List.of(
                  Readiness.Check.needed("catalog", this::catalogWorks),
                  Readiness.Check.needed("store", () -> true)),
              nanos::get),
          draining::get,
          new MetricsPage(new Metrics(List.of())));

  @Test
  void health_isOk() {
    assertPage(pages.health(), 200, "{\"status\":\"ok\"}");
  }

  @Test
  void version_namesTheProgram() {
    assertPage(pages.version(), 200, "{\"name\":\"millrace\",\"version\":\"1.2.3\"}");
  }

  @Test
  void metrics_areText() {
    Page page = pages.metrics();

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(text(page)).contains("# TYPE millrace_requests_total counter");
  }

  @Test
  void ready_namesEachBackend() {
    assertPage(pages.ready(), 200, ready("ok", true));
    catalog.set(false);
    pass(Limits.READINESS_KEPT.toNanos());
    assertPage(pages.ready(), 503, ready("not-ready", false));
    catalog.set(true);
    pass(Limits.READINESS_KEPT.toNanos());
    assertPage(pages.ready(), 200, ready("ok", true));
  }

  /** All nodes share that one: taking them out of service would serve nobody. */
  @Test
  void ready_withoutABackendThatIsOnlyUseful_isDegradedAndServes() {
    ManagementPages without =
        new ManagementPages(
            new ManagementPages.Build("1.2.3", () -> "jdk"),
            new Readiness(
                List.of(
                    Readiness.Check.useful("postgresql", () -> false),
                    Readiness.Check.needed("store", () -> true)),
                nanos::get),
            draining::get,
            new MetricsPage(new Metrics(List.of())));

    assertThat(without.ready().status()).isEqualTo(200);
    assertThat(text(without.ready())).contains("\"degraded\"").contains("\"postgresql\":false");
  }

  @Test
  void draining_isNotReady_atOnce() {
    assertThat(pages.ready().status()).isEqualTo(200);
    draining.set(true);
    assertPage(pages.ready(), 503, ready("draining", true));
  }

  @Test
  void askingOften_asksTheBackendsOnce() {
    for (int i = 0; i < 100; i++) {
      assertThat(pages.ready().status()).isEqualTo(200);
    }
    assertThat(asked).hasValue(1);
    pass(Limits.READINESS_KEPT.toNanos());
    assertThat(pages.ready().status()).isEqualTo(200);
    assertThat(asked).hasValue(2);
  }

  @Test
  void checkThatThrows_isNotReady() {
    Readiness readiness =
        new Readiness(
            List.of(
                Readiness.Check.needed(
                    "catalog",
                    () -> {
                      throw new IllegalStateException("database is locked");
                    })),
            nanos::get);

    assertThat(readiness.answers()).containsExactly(java.util.Map.entry("catalog", false));
  }

  @Test
  void checkThatHangs_blocksNobodyElse_andCountsAsNotReadyInTheEnd() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicBoolean hang = new AtomicBoolean();
    Readiness readiness =
        new Readiness(
            List.of(
                Readiness.Check.needed(
                    "store",
                    () -> {
                      if (!hang.get()) {
                        return true;
                      }
                      entered.countDown();
                      return awaited(release);
                    })),
            nanos::get);
    assertThat(readiness.answers()).containsEntry("store", true);
    hang.set(true);
    pass(Limits.READINESS_KEPT.toNanos());
    CompletableFuture<?> stuck = CompletableFuture.supplyAsync(readiness::answers);
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

    assertThat(readiness.answers()).containsEntry("store", true);
    pass(Limits.READINESS_LATE.toNanos());
    assertThat(readiness.answers()).containsEntry("store", false);
    release.countDown();
    assertThat(stuck.get(10, TimeUnit.SECONDS)).isEqualTo(java.util.Map.of("store", true));
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean catalogWorks() {
    asked.incrementAndGet();
    return catalog.get();
  }

  private void pass(long someNanos) {
    nanos.addAndGet(someNanos);
  }

  private static String ready(String status, boolean catalogWorks) {
    return "{\"status\":\""
        + status
        + "\",\"backends\":{\"catalog\":"
        + catalogWorks
        + ",\"store\":true},\"digest_engine\":\"jdk\"}";
  }

  private static void assertPage(Page page, int status, String body) {
    assertThat(page.status()).isEqualTo(status);
    assertThat(page.contentType()).isEqualTo("application/json");
    assertThat(text(page)).isEqualTo(body);
  }

  private static String text(Page page) {
    return new String(page.body(), StandardCharsets.UTF_8);
  }
}
