package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;
import io.netty.buffer.ByteBuf;

/**
 * Takes what an upstream sends.
 *
 * <p>Threading: every method is called on the fetch's event loop and must not block it.
 */
public interface FetchSink {
  /**
   * The final response head: redirects are followed, interim responses skipped. Body bytes that
   * came with the head may follow at once; more is read only on {@link FetchFlow#read()}.
   */
  void onHead(FetchHead head, FetchFlow flow);

  /**
   * The body begins with a read that was made for somebody else and ends by {@link #onReadComplete}
   * like one's own. Called before {@link #onHead}.
   *
   * @param giveBack frees its bytes of the body budget; run once, when they are not held any more
   */
  default void adoptRead(Runnable giveBack) {
    giveBack.run();
  }

  /** A piece of the body, in order. Ownership: passes to the sink, which releases it. */
  void onBody(ByteBuf piece);

  /**
   * All pieces of one granted read were delivered; the next needs {@link FetchFlow#read()}. Not
   * called for the read that ends the fetch: there {@code onEnd} or {@code onFailure} ends the
   * grant, too.
   */
  void onReadComplete();

  /** The body ended as its framing says. */
  void onEnd(BodyEnd end);

  /**
   * The fetch broke, before or after its head. {@code detail} is for the log and holds no
   * credential.
   */
  void onFailure(FetchFailure reason, String detail);
}
