package dev.millrace.origin;

import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import dev.millrace.server.Transports;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Event loops whose processor time and heap are counted.
 *
 * <p>Threading: measured by one thread, while the loops have nothing to do.
 *
 * <p>Ownership: ends the loops.
 */
final class MeteredLoops implements AutoCloseable {
  private static final int LOOPS = 2;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double KIB = 1024;
  private static final long LINGER_SECONDS = 5;

  private final com.sun.management.ThreadMXBean clock =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final EventLoopGroup loops;
  private List<Reading> begun = List.of();
  private long begunNanos;
  private long arrivedNanos;

  /** What one loop has used since it was started. */
  private record Reading(long cpuNanos, long heapBytes) {}

  MeteredLoops(Transports transport) {
    this.loops =
        new MultiThreadIoEventLoopGroup(
            LOOPS,
            work -> {
              Thread thread = new Thread(work, "client-" + threads.size());
              threads.add(thread);
              return thread;
            },
            transport.ioHandler());
  }

  EventLoopGroup loops() {
    return loops;
  }

  /** Begins to count. */
  void begin() {
    begun = readings();
    begunNanos = System.nanoTime();
  }

  /** The last body is here; what is still to be done does not count as time. */
  void arrived() {
    arrivedNanos = System.nanoTime();
  }

  /**
   * Time to the last body; processor time of all loops and of the busiest until now, heap for each
   * body.
   */
  Figures end(int bodies) {
    double wallNanos = arrivedNanos - begunNanos;
    long cpuNanos = 0;
    long busiestNanos = 0;
    long heapBytes = 0;
    List<Reading> now = readings();
    for (int i = 0; i < now.size(); i++) {
      // A loop that was not started before has used nothing before.
      Reading before = i < begun.size() ? begun.get(i) : new Reading(0, 0);
      long used = now.get(i).cpuNanos() - before.cpuNanos();
      cpuNanos += used;
      busiestNanos = Math.max(busiestNanos, used);
      heapBytes += now.get(i).heapBytes() - before.heapBytes();
    }
    return new Figures()
        .with(Figure.WALL_MS, wallNanos / NANOS_PER_MILLI)
        .with(Figure.CPU_MS, cpuNanos / NANOS_PER_MILLI)
        .with(Figure.BUSIEST_LOOP_MS, busiestNanos / NANOS_PER_MILLI)
        .with(Figure.ALLOCATED_KIB_PER_BODY, heapBytes / KIB / bodies);
  }

  private List<Reading> readings() {
    return threads.stream()
        .map(thread ->
            new Reading(
                clock.getThreadCpuTime(thread.threadId()),
                clock.getThreadAllocatedBytes(thread.threadId())))
        .toList();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, LINGER_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
