package dev.millrace.origin;

import dev.millrace.observe.FetchFailure;

/**
 * What the upstream client counts. One real implementation feeds the metrics, one in tests
 * remembers.
 *
 * <p>Threading: called on any event loop; must be thread-safe and must not block.
 */
public interface OriginEvents {
  /** A request was written, redirects and retries each for themselves. */
  void requestSent(String remote);

  /** A connection stands, TLS included. */
  void connectionOpened(String remote);

  /** A connection that was opened is closed. */
  void connectionClosed(String remote);

  /** A fetch has to wait for a free connection. */
  void poolWait(String remote);

  /** A pooled connection turned out to be dead and the request goes out once more. */
  void staleRetry(String remote);

  /** An origin of the remote has failed too often in a row, and is left alone for a while. */
  void circuitOpened(String remote);

  /** A redirect is followed. */
  void redirected(String remote);

  /**
   * Body bytes were received.
   *
   * @param bytes of the decoded body, without head and chunk framing
   */
  void received(String remote, int bytes);

  /** A fetch failed. */
  void failed(String remote, FetchFailure reason);
}
