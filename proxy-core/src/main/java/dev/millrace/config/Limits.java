package dev.millrace.config;

/**
 * The fixed limits of the process, each with what happens when it is reached. What an operator may
 * change is a setting ({@link ServerLimits}) instead.
 */
public final class Limits {
  /**
   * Bytes of one socket read from an upstream, and so the grain of the body budget. A read is asked
   * for only when that much of the budget is free.
   */
  public static final int READ_BUFFER_BYTES = 128 << 10;

  /**
   * Received bytes of one fill that wait for its fill thread; above it the upstream is not read.
   */
  public static final int FILL_QUEUE_BYTES = 1 << 20;

  /** Pieces smaller than this are gathered into one buffer before they are queued (tiny chunks). */
  public static final int SMALL_PIECE_BYTES = 4 << 10;

  /** Bytes of one {@code sendfile} call; one region is in flight for a reader at a time. */
  public static final int REGION_BYTES_MAX = 1 << 20;

  /** Bytes at the end of a body with a digest known beforehand that wait for its proof. */
  public static final int HOLD_BACK_BYTES = 64 << 10;

  /** Redirects followed for one fetch; one more fails it. */
  public static final int REDIRECTS_MAX = 5;

  /** Interim (1xx) responses read for one fetch; one more fails it. */
  public static final int INTERIM_RESPONSES_MAX = 16;

  /** Bytes of an upstream's response head; more fails the fetch. */
  public static final int ORIGIN_HEAD_BYTES = 64 << 10;

  /** Fields of an upstream's response head; more fails the fetch. */
  public static final int ORIGIN_FIELDS_MAX = 256;

  /**
   * Bytes of one line of an upstream: status line, chunk size with extensions; more fails the
   * fetch.
   */
  public static final int ORIGIN_LINE_BYTES = 8 << 10;

  /**
   * Bytes of one socket read while a response head is awaited; what it brings of the body is extra.
   */
  public static final int ORIGIN_HEAD_READ_BYTES = 16 << 10;

  /**
   * Bytes of one read that only watches a silent connection, or that the transport does unasked.
   */
  public static final int ORIGIN_WATCH_BYTES = 256;

  /**
   * Bytes of one TLS record with its overhead: TLS reads ask for that much less than they may use.
   */
  public static final int TLS_RECORD_BYTES = 18 << 10;

  /**
   * Bytes of a redirect's body that are read to keep its connection; above it is closed instead.
   */
  public static final int REDIRECT_DRAIN_BYTES = 64 << 10;

  /** Addresses of one host that are tried before the connect fails. */
  public static final int DIAL_ADDRESSES_MAX = 8;

  /** Seconds after which an unused connection to an upstream is closed. */
  public static final int POOL_IDLE_SECONDS = 30;

  /** Seconds that connections to upstreams get to close after they were broken off at shutdown. */
  public static final int ORIGIN_ABORT_SECONDS = 1;

  /** Redirect targets of one remote with live connections; fetches to one more are refused. */
  public static final int REDIRECT_POOLS_MAX = 64;

  /** Fetches that wait for a connection of one upstream; more are refused at once. */
  public static final int POOL_WAITERS_MAX = 4096;

  /** Requests of one client connection read ahead while an answer runs; then reading stops. */
  public static final int PIPELINED_REQUESTS_MAX = 16;

  /** Objects in one commit round: one catalog transaction. */
  public static final int COMMIT_ROUND_MAX = 256;

  /** Finished fills that wait for their commit; one more is served but not stored, and counted. */
  public static final int COMMIT_QUEUE_MAX = 8192;

  /** Artifacts remembered in memory in front of the catalog. */
  public static final int INDEX_ENTRIES_MAX = 100_000;

  /** Blob files kept open between hits. */
  public static final int OPEN_FILES_MAX = 1024;

  /**
   * Artifacts whose accesses wait for the next batch; accesses to further ones are dropped,
   * counted.
   */
  public static final int ACCESS_BATCH_MAX = 10_000;

  /** Remembered 404 and 410 answers. */
  public static final int NEGATIVE_ENTRIES_MAX = 10_000;

  /** Lines of the request log that wait for the disk; further ones are dropped and counted. */
  public static final int REQUEST_LOG_QUEUE = 8192;

  static {
    assert FILL_QUEUE_BYTES % READ_BUFFER_BYTES == 0;
    assert SMALL_PIECE_BYTES < READ_BUFFER_BYTES;
    assert ORIGIN_LINE_BYTES <= ORIGIN_HEAD_BYTES;
    assert ORIGIN_HEAD_READ_BYTES < READ_BUFFER_BYTES;
    assert TLS_RECORD_BYTES < READ_BUFFER_BYTES;
    assert COMMIT_ROUND_MAX <= COMMIT_QUEUE_MAX;
  }

  private Limits() {}
}
