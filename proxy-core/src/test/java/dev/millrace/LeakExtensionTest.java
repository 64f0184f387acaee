package dev.millrace;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.suppressed;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The leak check fails on a planted leak, and on nothing else. */
final class LeakExtensionTest {

  /** A plant. */
  static final class LeavesBuffer {
    @Test
    void leaves() {
      ByteBuf unused = ByteBufAllocator.DEFAULT.directBuffer(16);
      unused.writeByte(1);
    }
  }

  /** The same without the fault. */
  static final class ReleasesBuffer {
    @Test
    void releases() {
      ByteBufAllocator.DEFAULT.directBuffer(16).writeByte(1).release();
    }
  }

  @Test
  void testClass_thatLeavesBuffer_fails() {
    run(LeavesBuffer.class)
        .containerEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                container(LeavesBuffer.class),
                finishedWithFailure(
                    instanceOf(IllegalStateException.class),
                    message(text -> text.contains("Possible memory leak")),
                    suppressed(0, message(text -> text.contains("Resource created"))))));
  }

  @Test
  void testClass_thatReleasesBuffer_passes() {
    run(ReleasesBuffer.class).allEvents().assertStatistics(statistics -> statistics.failed(0));
  }

  private static EngineExecutionResults run(Class<?> testClass) {
    return EngineTestKit.engine("junit-jupiter")
        .enableImplicitConfigurationParameters(true)
        .selectors(selectClass(testClass))
        .execute();
  }
}
