package dev.millrace.fill;

import dev.millrace.config.RemoteSettings;

/**
 * Asks an upstream for one artifact. Implemented by {@code origin}, and by fakes in tests.
 *
 * <p>Threading: callable from any thread; the sink is called on one event loop, in order: {@code
 * onHead} at most once, then {@code onBody} and {@code onReadComplete} any number of times, then
 * exactly one of {@code onEnd} and {@code onFailure}.
 */
@FunctionalInterface
public interface Fetcher {
  /**
   * Starts the fetch; every outcome reaches the sink. Errors: never throws for an upstream's fault.
   */
  void fetch(FetchRequest request, FetchSink sink);

  /**
   * Hears whether a body was what it had been promised to be. May be called on any thread; does not
   * block.
   *
   * @param path of the body, without its query
   */
  default void judged(RemoteSettings remote, String path, boolean right) {
    // Who has one upstream for one test has nothing to learn.
  }
}
