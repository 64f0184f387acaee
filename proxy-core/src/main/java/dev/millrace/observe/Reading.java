package dev.millrace.observe;

/**
 * Every value that is read where it lives when someone asks for the metrics. It costs nothing in
 * between.
 */
public enum Reading {
  /** Fetches that run. */
  FILLS(Kind.GAUGE, "millrace_fills", "Fetches that run."),
  /** Requests that are being answered. */
  READERS(Kind.GAUGE, "millrace_readers", "Answers whose body is being sent."),
  /** The budget of body bytes. */
  BODY_MEMORY_BUDGET(
      Kind.GAUGE, "millrace_body_memory_budget_bytes", "Body bytes that may be in memory."),
  /** Body bytes in memory. */
  BODY_MEMORY_USED(
      Kind.GAUGE,
      "millrace_body_memory_used_bytes",
      "Body bytes in memory that the budget counts."),
  /** The most that was used. */
  BODY_MEMORY_PEAK(
      Kind.GAUGE,
      "millrace_body_memory_peak_bytes",
      "Most body bytes in memory since the process started."),
  /** How often an upstream was not read because the budget was spent. */
  BODY_MEMORY_WAITS(
      Kind.COUNTER,
      "millrace_body_memory_waits",
      "Times that an upstream was not read because the budget of body bytes was spent."),
  /** Small bodies kept in memory. */
  HOT_BODIES(
      Kind.GAUGE,
      "millrace_hot_bodies_bytes",
      "Bytes of small stored bodies kept in memory; part of the body memory in use."),
  /** Client connections. */
  CONNECTIONS(Kind.GAUGE, "millrace_connections", "Open client connections."),
  /** Connections that broke outside of any answer. */
  CONNECTION_FAULTS(
      Kind.COUNTER,
      "millrace_connection_faults",
      "Client connections that broke in a way that no answer tells of."),
  /** Clients that were cut for their slowness. */
  SLOW_CLIENTS(
      Kind.COUNTER,
      "millrace_slow_clients",
      "Clients that were cut because they took less than client_min_rate."),
  /** Pauses of the listening socket. */
  ACCEPT_FAULTS(
      Kind.COUNTER,
      "millrace_accept_faults",
      "Times that no connection could be accepted, for want of descriptors above all."),
  /** Upstream connections. */
  ORIGIN_CONNECTIONS(
      Kind.GAUGE, "millrace_upstream_connections", "Open connections to upstreams, idle ones too."),
  /** Blob files kept open. */
  OPEN_FILES(Kind.GAUGE, "millrace_open_files", "Blob files that are open."),
  /** Bytes stored. */
  STORE_BYTES(Kind.GAUGE, "millrace_store_bytes", "Bytes of all stored blobs."),
  /** The quota. */
  STORE_QUOTA(
      Kind.GAUGE, "millrace_store_quota_bytes", "Bytes of blobs above which the store evicts."),
  /** Artifacts remembered in memory. */
  INDEX_ENTRIES(
      Kind.GAUGE, "millrace_index_entries", "Artifacts remembered in front of the catalog."),
  /** Remembered 404 and 410 answers. */
  NEGATIVE_ENTRIES(
      Kind.GAUGE, "millrace_negative_entries", "Remembered 404 and 410 answers of upstreams."),
  /** Accesses that were not counted. */
  ACCESSES_DROPPED(
      Kind.COUNTER,
      "millrace_accesses_dropped",
      "Accesses that were not counted because their batch was full."),
  /** Lines of the request log that were not written. */
  LOG_LINES_DROPPED(
      Kind.COUNTER,
      "millrace_request_log_dropped",
      "Lines of the request log that were not written: queue full or write failed."),
  /** Times that a fetch waited for a connection. */
  ORIGIN_WAITS(
      Kind.COUNTER,
      "millrace_upstream_waits",
      "Times that a fetch had to wait for a connection of its upstream."),
  /** Requests that were sent once more. */
  ORIGIN_STALE_RETRIES(
      Kind.COUNTER,
      "millrace_upstream_stale_retries",
      "Requests that were sent once more because a kept connection turned out to be dead."),
  /** Origins left alone. */
  ORIGIN_CIRCUITS(
      Kind.COUNTER,
      "millrace_upstream_circuits_opened",
      "How often an origin was left alone after failures in a row."),
  /** Redirects that were followed. */
  ORIGIN_REDIRECTS(
      Kind.COUNTER, "millrace_upstream_redirects", "Redirects of upstreams that were followed."),
  /** Bodies without a promised digest. */
  DIGEST_MISMATCHES(
      Kind.COUNTER,
      "millrace_digest_mismatches",
      "Bodies that did not have a digest they were promised to have."),
  /** Rests of bodies asked for. */
  FILLS_RESUMED(
      Kind.COUNTER,
      "millrace_fills_resumed",
      "Requests for the rest of a body that its upstream had broken off."),
  /** Parts of bodies asked for. */
  FILLS_SEGMENTS(
      Kind.COUNTER,
      "millrace_fills_segments",
      "Requests for a part of a body, but the first of a fetch and those that go on with one."),
  /** Answers relayed because the spool could not take them. */
  FILLS_DEGRADED(
      Kind.COUNTER,
      "millrace_fills_degraded",
      "Bodies that were passed on and not stored because there was no place for them."),
  /** Bytes kept for running fills. */
  STORE_RESERVED(
      Kind.GAUGE, "millrace_store_reserved_bytes", "Bytes of the quota kept for running fetches."),
  /** Bytes of bodies that broke off. */
  SPOOL_KEPT(
      Kind.GAUGE,
      "millrace_spool_kept_bytes",
      "Bytes of bodies that broke off, kept for the next who asks for them."),
  /** Artifacts stored. */
  COMMITS(Kind.COUNTER, "millrace_commits", "Artifacts stored for good."),
  /** Whole artifacts that were not stored. */
  COMMIT_FAILURES(
      Kind.COUNTER, "millrace_commit_failures", "Whole artifacts that could not be stored."),
  /** Transactions that stored them. */
  COMMIT_ROUNDS(
      Kind.COUNTER, "millrace_commit_rounds", "Catalog transactions that stored artifacts."),
  /** Whether the catalog's database is out. */
  CATALOG_OUT(
      Kind.GAUGE, "millrace_catalog_out", "1 while the catalog's database does not answer."),
  /** How often it went out. */
  CATALOG_LOSSES(
      Kind.COUNTER, "millrace_catalog_losses", "Times that the catalog's database went out."),
  /** Connections in use. */
  CATALOG_BUSY(
      Kind.GAUGE,
      "millrace_catalog_busy_connections",
      "Connections to the catalog's database that are in use."),
  /** Calls that wait for one. */
  CATALOG_WAITING(
      Kind.GAUGE,
      "millrace_catalog_waiting",
      "Calls that wait for a connection to the catalog's database."),
  /** Blobs removed for space. */
  EVICTIONS(Kind.COUNTER, "millrace_evictions", "Blobs removed to make room."),
  /** Their bytes. */
  EVICTED_BYTES(Kind.COUNTER, "millrace_evicted_bytes", "Bytes of blobs removed to make room."),
  /** Blobs found missing or of the wrong size. */
  HEALED(
      Kind.COUNTER,
      "millrace_healed",
      "Blobs that were forgotten because their file was missing or had the wrong size."),
  /** Files without a row. */
  ORPHANS_REMOVED(
      Kind.COUNTER, "millrace_orphans_removed", "Files of an earlier process that no row named."),
  /** Files among the blobs that are none. */
  UNKNOWN_FILES(
      Kind.GAUGE, "millrace_unknown_files", "Files among the blobs whose name is no blob's."),
  /** Files that could not be removed. */
  UNLINK_FAILURES(
      Kind.COUNTER, "millrace_unlink_failures", "Blob files that could not be removed."),
  /** Confirmations that did not reach the catalog. */
  REFRESHES_DROPPED(
      Kind.COUNTER,
      "millrace_refreshes_dropped",
      "Confirmed times of mutable artifacts that did not reach the catalog."),
  /** Whether the store is recovered. */
  RECOVERY_DONE(
      Kind.GAUGE,
      "millrace_recovery_done",
      "1 once catalog and files have been compared since the start."),
  /** Direct memory of Netty's allocator. */
  NETTY_DIRECT(
      Kind.GAUGE, "millrace_netty_direct_bytes", "Direct memory that Netty's allocator holds."),
  /** Heap in use. */
  JVM_HEAP(Kind.GAUGE, "millrace_jvm_heap_used_bytes", "Heap in use, garbage included."),
  /** Heap in use after the last collection. */
  JVM_HEAP_AFTER_GC(
      Kind.GAUGE,
      "millrace_jvm_heap_after_gc_bytes",
      "Heap that was in use after the last collection."),
  /** Heap allocated. */
  JVM_ALLOCATED(
      Kind.COUNTER,
      "millrace_jvm_allocated_bytes",
      "Heap that threads allocated, whatever became of it."),
  /** NIO direct buffers. */
  JVM_DIRECT(
      Kind.GAUGE, "millrace_jvm_direct_used_bytes", "Direct buffers that the JVM accounts for."),
  /** The limit on direct memory. */
  JVM_DIRECT_LIMIT(
      Kind.GAUGE, "millrace_jvm_direct_limit_bytes", "Direct memory that the JVM allows."),
  /** Time in garbage collection. */
  JVM_GC_SECONDS(
      Kind.COUNTER,
      "millrace_jvm_gc_seconds",
      "Time that the garbage collector stopped or worked."),
  /** Collections; each is a pause with the Serial collector. */
  JVM_GC_RUNS(
      Kind.COUNTER, "millrace_jvm_gc_runs", "Times that the garbage collector stopped or worked."),
  /** Threads of the JVM. */
  JVM_THREADS(Kind.GAUGE, "millrace_jvm_threads", "Platform threads."),
  /** Resident memory. */
  PROCESS_RSS(
      Kind.GAUGE, "millrace_process_resident_bytes", "Resident memory of the process; Linux only."),
  /** Open descriptors. */
  PROCESS_FDS(Kind.GAUGE, "millrace_process_open_fds", "Open file descriptors of the process."),
  /** Processor time. */
  PROCESS_CPU_SECONDS(
      Kind.COUNTER, "millrace_process_cpu_seconds", "Processor time of the process.");

  /** How a reading moves. */
  enum Kind {
    /** Up and down. */
    GAUGE,
    /** Up only; the exposition adds {@code _total} to its name. */
    COUNTER
  }

  private final Kind kind;
  private final String metric;
  private final String help;

  Reading(Kind kind, String metric, String help) {
    this.kind = kind;
    this.metric = metric;
    this.help = help;
  }

  Kind kind() {
    return kind;
  }

  /** The metric's name, without {@code _total}. */
  public String metric() {
    return metric;
  }

  String help() {
    return help;
  }
}
