package dev.millrace.origin;

import java.time.Duration;

/**
 * What lies between client and origin.
 *
 * @param oneWay what each direction takes
 * @param windowBytes what a new TCP connection sends in its first round trip, twice as much in each
 *     that follows; {@link #UNBOUNDED} where only the time counts
 */
record Distance(Duration oneWay, int windowBytes) {
  /** Of {@link #windowBytes}: everything at once. */
  static final int UNBOUNDED = Integer.MAX_VALUE;

  /** No relay at all. */
  static final Distance NONE = new Distance(Duration.ZERO, UNBOUNDED);

  /** A round trip of 20 ms. */
  static final Distance FAR = new Distance(Duration.ofMillis(10), UNBOUNDED);

  /** The same with the slow start of TCP, ten segments (RFC 6928) and twice as many each time. */
  static final Distance FAR_SLOW_START = new Distance(Duration.ofMillis(10), 10 * 1448);
}
