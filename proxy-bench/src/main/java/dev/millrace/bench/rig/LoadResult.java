package dev.millrace.bench.rig;

import java.util.List;

/**
 * What a load client saw.
 *
 * @param wallNanos from the first request to the last byte
 * @param requests answers that were complete and successful
 * @param failed answers that were not
 * @param bodyBytes bytes of all bodies
 * @param firstByte until the first byte of the body
 * @param total until the last byte
 * @param fetches each fetch, if it was asked for
 */
public record LoadResult(
    long wallNanos,
    long requests,
    long failed,
    long bodyBytes,
    Latency firstByte,
    Latency total,
    List<Fetch> fetches) {

  /**
   * A distribution of times.
   *
   * @param count how many
   * @param p50Millis median
   * @param p99Millis 99th percentile
   * @param maxMillis the longest
   */
  public record Latency(long count, double p50Millis, double p99Millis, double maxMillis) {}

  /**
   * One request and its answer.
   *
   * @param group whose it was
   * @param status status code, 0 when none came
   * @param bytes bytes of its body
   * @param startNanos when it was sent, from the start of the load
   * @param times what passed since
   * @param complete whether the answer ended as it had to
   */
  public record Fetch(
      String group, int status, long bytes, long startNanos, Times times, boolean complete) {}

  /**
   * Since a request was sent.
   *
   * @param firstByteNanos until the first byte of the body, -1 when none came
   * @param totalNanos until the end
   */
  public record Times(long firstByteNanos, long totalNanos) {}

  /** Seconds from the first request to the last byte. */
  public double wallSeconds() {
    return wallNanos / 1e9;
  }
}
