package dev.millrace.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** What the JVM allows for buffers outside the heap. */
public final class DirectMemory {
  private DirectMemory() {}

  /**
   * {@code -XX:MaxDirectMemorySize}, or the largest heap where it is not given, as the JVM has it.
   */
  public static long limitBytes() {
    HotSpotDiagnosticMXBean diagnostics =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long given = Long.parseLong(diagnostics.getVMOption("MaxDirectMemorySize").getValue());
    return given > 0 ? given : Runtime.getRuntime().maxMemory();
  }
}
