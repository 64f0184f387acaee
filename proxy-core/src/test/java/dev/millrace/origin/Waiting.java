package dev.millrace.origin;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/** The one way in which these tests wait. */
final class Waiting {
  private Waiting() {}

  /** Waits until a condition holds, at most 20 seconds. */
  static void until(Callable<Boolean> condition) {
    await()
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(Duration.ofSeconds(20))
        .until(condition);
  }

  /** Checks for a moment that a condition goes on holding. */
  static void stays(Callable<Boolean> condition) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .during(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(5))
        .until(condition);
  }
}
