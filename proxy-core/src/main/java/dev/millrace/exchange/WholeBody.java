package dev.millrace.exchange;

import dev.millrace.artifact.RangeRequest.Resolved;
import dev.millrace.exchange.AnswerHeads.Representation;
import io.netty.buffer.ByteBuf;

/** Answers with a body, or a part of it, that is in memory. Threading: on the client's loop. */
final class WholeBody {
  private WholeBody() {}

  /**
   * Writes head and body at once. Ownership: takes the buffer over in all cases.
   *
   * @param body all of the representation
   * @param sent runs when all of it is in the socket
   */
  static void send(
      Exchange exchange,
      ByteBuf body,
      Representation shown,
      AnswerSource source,
      Resolved span,
      Runnable sent) {
    boolean begun = false;
    try {
      exchange.head(RangedHeads.of(shown, source, span), shown, source);
      begun = true;
    } finally {
      if (!begun) {
        body.release();
      }
    }
    if (span instanceof Resolved.Part part) {
      int first = (int) part.first();
      body.setIndex(first, first + (int) part.count());
    }
    exchange.responder().bytes(body, sent);
  }
}
