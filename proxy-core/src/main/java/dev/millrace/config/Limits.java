package dev.millrace.config;

import java.time.Duration;

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

  /**
   * Bytes of a body of declared length up to which it is received into memory, and gets its file
   * when it is committed; a longer one grows in a file.
   */
  public static final int SMALL_BODY_BYTES_MAX = 16 << 10;

  /**
   * How long a small body may take from its head to its end; after that it grows in a file, so that
   * its readers see what there is.
   */
  public static final Duration SMALL_BODY_WAIT = Duration.ofMillis(20);

  /** Bytes of one {@code sendfile} call; one region is in flight for a reader at a time. */
  public static final int REGION_BYTES_MAX = 1 << 20;

  /** The least that is read of a file at once for a client that cannot be given the file. */
  public static final int PART_BYTES_MIN = 4 << 10;

  /** Parts of a file from this size on are sent in full segments only ({@code TCP_CORK}). */
  public static final int CORK_BYTES_MIN = 256 << 10;

  /**
   * Bytes of one client's answer that the kernel takes before it can send them; a slow reader costs
   * no more of its memory.
   */
  public static final int UNSENT_BYTES_MAX = 256 << 10;

  /** Bytes of a stored body up to which a hot one is kept in memory. */
  public static final int HOT_BODY_BYTES_MAX = 64 << 10;

  /** Bytes of all bodies kept in memory, where the body budget is large enough. */
  public static final int HOT_BODIES_BYTES_MAX = 32 << 20;

  /** The part of the body budget that hot bodies may take: one in so many bytes. */
  public static final int HOT_BODIES_SHARE = 4;

  /** Hot bodies read from their files at once; others are read when they are asked for again. */
  public static final int HOT_LOADS_MAX = 16;

  /** Bytes at the end of a body with a digest known beforehand that wait for its proof. */
  public static final int HOLD_BACK_BYTES = 64 << 10;

  /** New bytes of a body that count as progress: an upstream that drips has none. */
  public static final int RESUME_PROGRESS_BYTES = 16 << 10;

  /** Requests in a row for the rest of a body that bring no progress; then its fill fails. */
  public static final int RESUME_TRIES_MAX = 5;

  /** Requests for the rest of one body in all; then its fill fails. */
  public static final int RESUMES_MAX = 1_000;

  /** The longest that a body may be made to wait for its rest: clients have timers of their own. */
  public static final Duration RESUME_WAIT_MAX = Duration.ofSeconds(24);

  /** How much older than its answer a {@code Last-Modified} has to be to name one body only. */
  public static final Duration STRONG_DATE_AGE = Duration.ofSeconds(60);

  /** Bearer tokens that are kept for one remote. */
  public static final int TOKENS_MAX = 1024;

  /** How much earlier than it says a token counts as aged. */
  public static final Duration TOKEN_MARGIN = Duration.ofSeconds(30);

  /** How long a token lives that does not say so (Docker Registry token specification). */
  public static final Duration TOKEN_LIFE = Duration.ofSeconds(60);

  /** The answer of a token server. */
  public static final int TOKEN_BYTES_MAX = 64 << 10;

  /** Failures of one origin in a row, or wrong bodies, after which it is left alone. */
  public static final int BREAKER_FAILURES = 10;

  /** How long an origin is left alone at first; twice as long after each further failure. */
  public static final Duration BREAKER_WAIT_FIRST = Duration.ofSeconds(1);

  /** How long it is left alone at most. */
  public static final Duration BREAKER_WAIT_MAX = Duration.ofSeconds(30);

  /** How long it is left alone at most when it asks for that by {@code Retry-After}. */
  public static final Duration BREAKER_HOLD_MAX = Duration.ofSeconds(60);

  /** How long the one fetch that finds out about an origin may say nothing; then another does. */
  public static final Duration BREAKER_PROBE = Duration.ofSeconds(10);

  /** The least that a range must be ahead of what was fetched to get a fetch of its own. */
  public static final long SEGMENT_THRESHOLD_MIN = 64 << 10;

  /**
   * The most that is asked for at once of a body that is fetched in parts, because a client waits.
   */
  public static final long SEGMENT_BYTES = 8 << 20;

  /** The least that is asked for by itself: a request for a few bytes brings its neighbours. */
  public static final long SEGMENT_BYTES_MIN = 256 << 10;

  /** The most that is asked for at once of what nobody waits for. */
  public static final long GAP_BYTES_MAX = 1L << 30;

  /** How long a part goes on to be fetched when nobody reads it. */
  public static final Duration PARTIAL_GRACE = Duration.ofMillis(100);

  /** Fetches at once for parts of one body; who waits for another part waits for one to end. */
  public static final int SEGMENT_FETCHES_MAX = 8;

  /** Parts of one body that do not touch; with more the whole is fetched. */
  public static final int SEGMENTS_MAX = 256;

  /** How long a part of a body is there for the next who asks, before it is discarded. */
  public static final Duration PARTIAL_IDLE = Duration.ofSeconds(30);

  /** Length of a body from which its beginning is kept when it breaks off for good. */
  public static final int KEPT_LENGTH_MIN = 8 << 20;

  /** The part of the quota that beginnings may take: one in so many bytes. */
  public static final int KEPT_QUOTA_SHARE = 10;

  /** Bytes of a beginning from which it is kept: less is fetched again. */
  public static final int KEPT_BYTES_MIN = 1 << 20;

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

  /** Requests of one HTTP/2 connection that run at once; its client waits with further ones. */
  public static final int STREAMS_MAX = 100;

  /** Parts of files in memory for one HTTP/2 connection, however many its streams. */
  public static final int STREAM_PARTS_MAX = 4;

  /** The least that is read of a file for a stream, however little its client has room for. */
  public static final long STREAM_PART_BYTES_MIN = 1 << 10;

  /** Bytes of TLS that may come without a byte of a request, a handshake or a whole record. */
  public static final int TLS_SILENT_BYTES_MAX = 64 << 10;

  /**
   * Records of TLS that wait to be sent when more is read: each has a buffer for the largest, and
   * our own answers never make so many.
   */
  public static final int TLS_UNSENT_RECORDS_MAX = 512;

  /** How long a client's TLS handshake may take; then its connection is closed. */
  public static final Duration TLS_HANDSHAKE = Duration.ofSeconds(10);

  /** Seconds between two looks whether the certificate for clients has changed. */
  public static final int TLS_RELOAD_SECONDS = 5;

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

  /** Milliseconds without accepting after the system could give no descriptor for a connection. */
  public static final int ACCEPT_PAUSE_MILLIS = 1_000;

  /** Requests of one client connection read ahead while an answer runs; then reading stops. */
  public static final int PIPELINED_REQUESTS_MAX = 16;

  /**
   * Bytes of further requests that are held meanwhile; who closes its side and has sent more is not
   * read any more.
   */
  public static final int PIPELINED_BYTES_MAX = 64 << 10;

  /** Objects in one commit round: one catalog transaction; small ones are open files meanwhile. */
  public static final int COMMIT_ROUND_MAX = 512;

  /** How long a finished body waits for others to be committed with. */
  public static final Duration COMMIT_GATHER = Duration.ofMillis(20);

  /** The same while only small bodies wait, which are fetched again at no cost if they are lost. */
  public static final Duration COMMIT_GATHER_SMALL = Duration.ofMillis(100);

  /** Finished fills that wait for their commit; one more is served but not stored, and counted. */
  public static final int COMMIT_QUEUE_MAX = 8192;

  /** Heap of all artifacts remembered in front of the catalog, where the heap is large enough. */
  public static final int INDEX_BYTES_MAX = 64 << 20;

  /** The part of the largest heap that they may take: one in so many bytes. */
  public static final int INDEX_HEAP_SHARE = 8;

  /**
   * Keys that the filter in front of the catalog has room for at least; more keys at a start, more
   * room.
   */
  public static final int KNOWN_KEYS_MIN = 100_000;

  /** Blob files kept open between hits. */
  public static final int OPEN_FILES_MAX = 1024;

  /**
   * Artifacts whose accesses wait for the next batch; accesses to further ones are dropped,
   * counted.
   */
  public static final int ACCESS_BATCH_MAX = 10_000;

  /** Heap of all remembered 404 and 410 answers, where the heap is large enough. */
  public static final int NEGATIVE_BYTES_MAX = 4 << 20;

  /** The part of the largest heap that they may take: one in so many bytes. */
  public static final int NEGATIVE_HEAP_SHARE = 32;

  /** Lines of the request log that wait for the disk; further ones are dropped and counted. */
  public static final int REQUEST_LOG_QUEUE = 8192;

  /** Bytes of a configuration file; a larger one is refused. */
  public static final int CONFIG_FILE_BYTES = 1 << 20;

  /**
   * Remotes of one process, and so values of the label {@code remote}; more are refused at start.
   */
  public static final int REMOTES_MAX = 1000;

  /** Regular expressions in one list of a remote; more are refused at start. */
  public static final int PATTERNS_MAX = 1000;

  /** Characters of one regular expression; a longer one is refused at start. */
  public static final int PATTERN_CHARS_MAX = 4096;

  /** How long the request log lets lines gather after it has written all there were. */
  public static final Duration REQUEST_LOG_GATHER = Duration.ofMillis(5);

  /** Lines of the request log that are written at once. */
  public static final int REQUEST_LOG_BATCH = 256;

  /** How long the end of the process waits for the request log to be written. */
  public static final Duration REQUEST_LOG_CLOSE = Duration.ofSeconds(5);

  /** Characters of a {@code User-Agent} in the request log; the rest is cut. */
  public static final int USER_AGENT_CHARS = 200;

  /** Pages about the process that are made at once; further ones wait. */
  public static final int PAGE_THREADS_MAX = 4;

  /** Seconds after which an unused thread of those ends. */
  public static final int PAGE_THREAD_IDLE_SECONDS = 10;

  /** How long an answer of a readiness check is kept, so that asking often costs nothing. */
  public static final Duration READINESS_KEPT = Duration.ofSeconds(1);

  /** Milliseconds between two batches of access counts; a crash loses the counts of that time. */
  public static final int ACCESS_FLUSH_MILLIS = 5_000;

  /** Connections to the catalog's file; to a server it is a setting. */
  public static final int CATALOG_CONNECTIONS_MAX = 4;

  /** Milliseconds that a call waits for a connection or for another writer; then it fails. */
  public static final int CATALOG_WAIT_MILLIS = 5_000;

  /** Promises of indexes that are kept, about: 150 bytes each in the catalog. */
  public static final int PROMISES_MAX = 1_000_000;

  /** Promises recorded in one transaction: others want to write in between. */
  public static final int PROMISE_BATCH_MAX = 500;

  /** Indexes whose promises are known to be recorded; of others they are recorded again. */
  public static final int LEARNED_INDEXES_MAX = 10_000;

  /** Indexes read at once, to lead their links; each takes a core and some memory. */
  public static final int REWRITES_MAX = 2;

  /** Indexes that wait for their turn to be read; one more is passed on as it came. */
  public static final int REWRITES_WAITING_MAX = 64;

  /** How long a copy of an index is kept, and its promises count as recorded. */
  public static final Duration LEARNED_FOR = Duration.ofHours(12);

  /** Bytes of indexes with their links led, kept in the spool. */
  public static final long REWRITTEN_BYTES_MAX = 256L << 20;

  /** What the smallest of them counts, so that their open files are bounded, too. */
  public static final int REWRITTEN_WEIGHT_MIN = 128 << 10;

  /** The part of the disk quota that these may take: one in so many bytes. */
  public static final int REWRITTEN_QUOTA_SHARE = 10;

  /** Bytes from which an index is worth compressing. */
  public static final int GZIP_BYTES_MIN = 1 << 10;

  /** Other hosts that the settings of a remote may name, and that its indexes may lead to. */
  public static final int FILE_HOSTS_MAX = 64;

  /**
   * How long the catalog's server may be silent in the middle of an answer; then the connection is
   * given up and the database counts as out.
   */
  public static final Duration CATALOG_SILENCE = Duration.ofSeconds(10);

  /** How long one statement may take; then the server ends it, before we give up on the server. */
  public static final Duration CATALOG_STATEMENT = Duration.ofSeconds(8);

  /**
   * How long a transaction of a process that is gone may hold the turn of writing; then the server
   * ends it.
   */
  public static final Duration CATALOG_IDLE_TRANSACTION = Duration.ofSeconds(30);

  /** Time between two looks whether a database that is out is back; no request waits for one. */
  public static final Duration CATALOG_PROBE = Duration.ofSeconds(1);

  /**
   * Bytes of a key that PostgreSQL can record, for an index entry must fit a third of its page; an
   * artifact with a longer key is relayed.
   */
  public static final int CATALOG_KEY_BYTES_MAX = 2_500;

  /**
   * Blobs of which it is not known whether the catalog names them, since its database went away
   * meanwhile; further ones are looked at by the next start.
   */
  public static final int UNSETTLED_BLOBS_MAX = 10_000;

  /** Of these, how many are looked at before other work goes on. */
  public static final int UNSETTLED_AT_ONCE = 64;

  /**
   * Blocking look-ups of the store at once, in the catalog and of cold files; further ones wait.
   */
  public static final int LOOKUPS_MAX = 16;

  /** Milliseconds that a look-up waits for its turn; then it fails and the artifact is relayed. */
  public static final int LOOKUP_WAIT_MILLIS = 10_000;

  /**
   * Bodies of one commit round that are synced at once, so that the file system joins their
   * flushes.
   */
  public static final int SYNCS_MAX = 16;

  /**
   * Artifacts remembered because a full or failing disk cut them off; with more, the older ones are
   * staged again.
   */
  public static final int AVOIDED_KEYS_MAX = 1_000;

  /** How long such an artifact is relayed instead of staged. */
  public static final Duration AVOIDED_FOR = Duration.ofSeconds(60);

  /** Grain in bytes in which a body of unknown length reserves its place. */
  public static final int RESERVATION_STEP_BYTES = 16 << 20;

  /**
   * Bytes of the volume that bodies leave free, for the catalog; a body that needs them is relayed.
   */
  public static final int VOLUME_RESERVE_BYTES = 16 << 20;

  /**
   * Blobs looked at for one choice of what to evict; the search goes on when they are not enough.
   */
  public static final int EVICTION_WINDOW = 256;

  /**
   * Milliseconds that a new body waits for an eviction when the volume is full; then it is relayed.
   */
  public static final int EVICTION_WAIT_MILLIS = 2_000;

  /** Milliseconds that closing the store waits for the queued commits. */
  public static final int STORE_CLOSE_MILLIS = 30_000;

  /** Age from which a kept answer counts as "not ready": a check hangs. */
  public static final Duration READINESS_LATE = Duration.ofSeconds(10);

  static {
    assert LOOKUPS_MAX >= CATALOG_CONNECTIONS_MAX;
    assert FILL_QUEUE_BYTES % READ_BUFFER_BYTES == 0;
    assert SMALL_PIECE_BYTES < READ_BUFFER_BYTES;
    assert SMALL_BODY_BYTES_MAX <= HOT_BODY_BYTES_MAX;
    assert READINESS_KEPT.compareTo(READINESS_LATE) < 0;

    assert ORIGIN_LINE_BYTES <= ORIGIN_HEAD_BYTES;
    assert ORIGIN_HEAD_READ_BYTES < READ_BUFFER_BYTES;
    assert TLS_RECORD_BYTES < READ_BUFFER_BYTES;
    assert TLS_RECORD_BYTES < TLS_SILENT_BYTES_MAX;
    assert COMMIT_ROUND_MAX <= COMMIT_QUEUE_MAX;
    assert COMMIT_ROUND_MAX <= UNSETTLED_BLOBS_MAX;
    assert CATALOG_STATEMENT.compareTo(CATALOG_SILENCE) < 0;
  }

  /** That part of the largest heap that the process may have, but no more than {@code most}. */
  public static long ofHeap(int share, int most) {
    return Math.min(most, Runtime.getRuntime().maxMemory() / share);
  }

  private Limits() {}
}
