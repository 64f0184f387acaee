package dev.millrace.bench.rig;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * Watches a process and those it started: what they use now, and the most of what has no counter of
 * its own.
 *
 * <p>Threading: thread-safe; polls on a daemon thread of its own.
 *
 * <p>Ownership: the maker closes it.
 */
public final class ProcessProbe implements AutoCloseable {
  private static final long POLL_NANOS = 20_000_000;
  private static final int POLLS_PER_FAMILY = 50;

  private final ProcFiles files = new ProcFiles(Path.of("/proc"));
  private final ProcessHandle process;
  private final Thread poller;
  private volatile List<Long> family;
  private volatile boolean closed;
  private ProcessSample peak = ProcessSample.NONE;

  /** Begins to watch. */
  public ProcessProbe(long pid) {
    process = ProcessHandle.of(pid).orElseThrow();
    family = family();
    poller = Thread.ofPlatform().daemon().name("probe-" + pid).start(this::poll);
  }

  /** What they use now. */
  public ProcessSample now() {
    family = family();
    return read();
  }

  /** Counts peaks from now on. */
  public void resetPeaks() {
    family = family();
    family.forEach(files::resetPeak);
    synchronized (this) {
      peak = ProcessSample.NONE;
    }
  }

  /** The most of each since the start or the last reset. */
  public ProcessSample peak() {
    ProcessSample last = read();
    synchronized (this) {
      peak = peak.max(last);
      return peak;
    }
  }

  /** The processes: the one that was given first. */
  public List<Long> pids() {
    return family;
  }

  private List<Long> family() {
    return LongStream.concat(
            LongStream.of(process.pid()), process.descendants().mapToLong(ProcessHandle::pid))
        .boxed()
        .toList();
  }

  private ProcessSample read() {
    ProcessSample sum = ProcessSample.NONE;
    for (long pid : family) {
      sum = sum.plus(files.sample(pid));
    }
    return sum;
  }

  private void poll() {
    for (int polls = 0; !closed; polls++) {
      if (polls % POLLS_PER_FAMILY == 0) {
        family = family(); // All of /proc is read for it, so not each time.
      }
      ProcessSample sample = read();
      synchronized (this) {
        peak = peak.max(sample);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(poller);
  }
}
