package dev.millrace.fill;

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
}
