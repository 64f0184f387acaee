package dev.millrace.fill;

import io.netty.channel.EventLoop;

/**
 * The demand side of one fetch: nothing of the body is read from the socket but what was asked for.
 *
 * <p>Threading: {@link #read} and {@link #cancel} may be called on any thread and act on {@link
 * #loop}.
 */
public interface FetchFlow {
  /** The loop that the sink is called on. */
  EventLoop loop();

  /**
   * Allows one socket read of at most {@code Limits.READ_BUFFER_BYTES}; the caller has reserved
   * that much of the body budget. One at a time: the next call only after {@code onReadComplete}.
   */
  void read();

  /**
   * Bytes that stay behind from one read to the next, to be reserved with each: what is kept back
   * of a body until it is proven.
   */
  default int keptBytes() {
    return 0;
  }

  /**
   * Ends the fetch and closes its connection; the sink is not called any more. Harmless when done.
   */
  void cancel();
}
