package dev.millrace;

import static org.awaitility.Awaitility.await;

import io.netty.util.LeakPresenceDetector;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that ends with an unreleased buffer.
 *
 * <p>It is found by JUnit itself, so no test has to remember it. Event loops release their last
 * buffers a moment after a test has ended, so the check waits a little before it fails.
 *
 * <p>Limits: a resource in a static field counts as a leak; release it in {@code @AfterAll}.
 */
public final class LeakExtension implements AfterAllCallback {

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Made by JUnit before the first test class, and so before the first buffer. */
  public LeakExtension() {
    LeakScope.install();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (context.getRequiredTestClass().isAnnotationPresent(Nested.class)) {
      return; // The outer class may hold buffers for all its inner ones.
    }
    try {
      await().atMost(PATIENCE).pollDelay(Duration.ZERO).until(LeakScope::isClean);
    } catch (ConditionTimeoutException e) {
      failWithCreationStacks(e);
    }
  }

  private static void failWithCreationStacks(ConditionTimeoutException e) {
    try {
      LeakPresenceDetector.check();
    } catch (IllegalStateException leak) {
      leak.addSuppressed(e);
      throw leak;
    }
  }
}
