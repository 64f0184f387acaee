package dev.millrace.bench.scenario;

import java.util.Locale;

/** Everything that a run can say in one number. */
public enum Figure {
  /** What is varied along a series. */
  PARAMETER("", 0),
  /** From the first request to the last byte. */
  WALL_S("s", 2),
  /** Bytes that clients got a second. */
  GB_PER_S("GB/s", 2),
  /** Processor time of the peer. */
  CPU_S("s", 2),
  /** The same for each GiB that clients got. */
  CPU_S_PER_GIB("s", 2),
  /** Median time to the first byte of a body. */
  FIRST_BYTE_MS("ms", 2),
  /** Longest time to the first byte of a body. */
  FIRST_BYTE_MAX_MS("ms", 1),
  /** The same when the origin is asked without a peer. */
  ORIGIN_FIRST_BYTE_MS("ms", 2),
  /** Complete answers a second. */
  REQUESTS_PER_S("1/s", 0),
  /** Processor time of the peer for each complete answer. */
  CPU_US_PER_REQUEST("µs", 1),
  /** Median time of an answer. */
  P50_MS("ms", 2),
  /** 99th percentile of it. */
  P99_MS("ms", 2),
  /** Answers that were not complete. */
  FAILED("", 0),
  /** Requests that the origin got. */
  UPSTREAM_REQUESTS("", 0),
  /** Body bytes that the origin gave. */
  UPSTREAM_MIB("MiB", 0),
  /** Most resident memory. */
  RSS_PEAK_MIB("MiB", 1),
  /** Resident memory while nothing happens. */
  RSS_IDLE_MIB("MiB", 1),
  /** Resident memory that a reader adds. */
  READER_KIB("KiB", 1),
  /** Bytes in the kernel's buffers of the peer's sockets. */
  SOCKETS_MIB("MiB", 1),
  /** Most open descriptors. */
  FDS_PEAK("", 0),
  /** Most threads. */
  THREADS_PEAK("", 0),
  /** From the start of the process to its first answer. */
  START_MS("ms", 0),
  /** Cut bodies that were served once more as if they were whole. */
  TRUNCATED_SERVED("", 0),
  /** Time of the uncut body by that of the cut one; 0 when that was not whole. */
  GOODPUT_RATIO("", 2),
  /** Heap in use after the last collection. */
  HEAP_AFTER_GC_MIB("MiB", 1),
  /** Direct buffers. */
  DIRECT_MIB("MiB", 1),
  /** Heap allocated while the load ran, whatever became of it. */
  ALLOCATED_KIB("KiB", 0),
  /** Heap allocated for each MiB that clients got. */
  ALLOCATED_KIB_PER_MIB("KiB", 2),
  /** Time of the garbage collector. */
  GC_S("s", 3),
  /** Pauses of the garbage collector. */
  GC_PAUSES("", 0),
  /** From the first request to the last byte, where that is short. */
  WALL_MS("ms", 1),
  /** Processor time of the client's loops. */
  CPU_MS("ms", 1),
  /** Processor time of the busiest of them: no number of processors makes it shorter than that. */
  BUSIEST_LOOP_MS("ms", 1),
  /** Heap that the client's loops allocated, for each body. */
  ALLOCATED_KIB_PER_BODY("KiB", 2),
  /** TLS handshakes. */
  HANDSHAKES("", 0);

  private final String unit;
  private final int digits;

  Figure(String unit, int digits) {
    this.unit = unit;
    this.digits = digits;
  }

  /** As it stands in files: {@code wall_s}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its unit, empty for counts. */
  public String unit() {
    return unit;
  }

  /** The value as people read it, without the unit. */
  public String format(double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** The figure of that label. Errors: unchecked when there is none. */
  public static Figure of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
