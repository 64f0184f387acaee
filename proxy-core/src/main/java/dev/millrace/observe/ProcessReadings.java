package dev.millrace.observe;

import com.sun.management.GcInfo;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the JVM and the operating system say of this process.
 *
 * <p>Threading: read only when someone asks for the metrics; reads {@code /proc}, so never on an
 * event loop.
 */
public final class ProcessReadings {
  private final Path status;

  /** Readings of this process. */
  public ProcessReadings() {
    this(Path.of("/proc/self/status"));
  }

  ProcessReadings(Path status) {
    this.status = status;
  }

  /**
   * Adds them to the metrics.
   *
   * @param directMemoryBytes what the JVM allows for buffers outside the heap
   */
  public void register(Metrics metrics, long directMemoryBytes) {
    var memory = ManagementFactory.getMemoryMXBean();
    var threads = ManagementFactory.getThreadMXBean();
    metrics.read(Reading.JVM_HEAP, () -> memory.getHeapMemoryUsage().getUsed());
    metrics.read(Reading.JVM_HEAP_AFTER_GC, ProcessReadings::heapAfterGcBytes);
    if (threads instanceof com.sun.management.ThreadMXBean counting) {
      metrics.read(Reading.JVM_ALLOCATED, counting::getTotalThreadAllocatedBytes);
    }
    metrics.read(Reading.JVM_DIRECT, ProcessReadings::directBytes);
    metrics.read(Reading.JVM_DIRECT_LIMIT, () -> directMemoryBytes);
    metrics.read(Reading.JVM_GC_SECONDS, ProcessReadings::gcSeconds);
    metrics.read(Reading.JVM_GC_RUNS, ProcessReadings::gcRuns);
    metrics.read(Reading.JVM_THREADS, threads::getThreadCount);
    metrics.read(Reading.PROCESS_RSS, this::residentBytes);
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.UnixOperatingSystemMXBean system) {
      metrics.read(Reading.PROCESS_FDS, system::getOpenFileDescriptorCount);
      metrics.read(Reading.PROCESS_CPU_SECONDS, () -> system.getProcessCpuTime() / 1e9);
    }
  }

  /** Resident memory; NaN where the system does not say. */
  double residentBytes() {
    try {
      for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("VmRSS:")) {
          return 1024.0 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Double.NaN; // Not Linux: NaN is how the format says "unknown".
    }
    return Double.NaN;
  }

  private static double directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToDouble(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /**
   * Heap in use after the last collection, of whatever kind. The usage that a pool gives for itself
   * is no substitute: that of the old generation stays 0 until it is collected alone.
   */
  private static double heapAfterGcBytes() {
    Set<String> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toSet());
    return ManagementFactory.getPlatformMXBeans(com.sun.management.GarbageCollectorMXBean.class)
        .stream()
        .map(com.sun.management.GarbageCollectorMXBean::getLastGcInfo)
        .filter(Objects::nonNull) // A collector that has not run.
        .max(Comparator.comparingLong(GcInfo::getEndTime))
        .map(last ->
            last.getMemoryUsageAfterGc().entrySet().stream()
                .filter(usage -> pools.contains(usage.getKey()))
                .mapToDouble(usage -> usage.getValue().getUsed())
                .sum())
        .orElse(0.0);
  }

  private static double gcRuns() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .filter(count -> count > 0)
        .sum();
  }

  private static double gcSeconds() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .filter(millis -> millis > 0)
            .sum()
        / 1e3;
  }
}
