package dev.millrace;

import io.netty.util.LeakPresenceDetector;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;

/**
 * Counts every buffer and other counted resource of Netty that is open in this JVM.
 *
 * <p>Threading: thread-safe; tests run one after another, so there is one scope for all.
 *
 * @param <T> the kind of resource
 */
final class LeakScope<T> extends LeakPresenceDetector<T> {

  private static final ResourceScope OPEN = new ResourceScope("test class");

  private LeakScope(Class<?> kind) {
    super(kind);
  }

  /** Makes Netty report to this class; must come before Netty makes its first buffer. */
  static void install() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @SuppressWarnings("deprecation") // abstract in the factory, so it cannot be left out
          public <R> ResourceLeakDetector<R> newResourceLeakDetector(
              Class<R> kind, int samplingInterval, long maxActive) {
            return new LeakScope<>(kind);
          }

          @Override
          public <R> ResourceLeakDetector<R> newResourceLeakDetector(
              Class<R> kind, int samplingInterval) {
            return new LeakScope<>(kind);
          }
        });
  }

  /** Whether nothing is open now. */
  static boolean isClean() {
    return !OPEN.hasOpenResources();
  }

  @Override
  protected ResourceScope currentScope() {
    return OPEN;
  }
}
