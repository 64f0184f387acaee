package dev.millrace.exchange;

import dev.millrace.artifact.RangeRequest.Resolved;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.Diversion;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.Fill;
import dev.millrace.fill.FillCursor;
import dev.millrace.observe.FetchFailure;
import dev.millrace.serve.FillBody;
import dev.millrace.serve.RelayBody;
import dev.millrace.serve.Responder;
import dev.millrace.serve.ResponseHead;
import io.netty.buffer.ByteBuf;

/**
 * Answers from a live fill: conditions, ranges, HEAD, whole, as far as its head is known.
 *
 * <p>Threading: confined to the client's event loop.
 *
 * <p>Ownership: takes over the exchange's place among the fill's readers and gives it up at the
 * end.
 */
final class FillAnswer implements FillBody.Listener, RelayBody.Target {
  private final Exchange exchange;
  private final Fill fill;
  private final BodyBudget budget;
  private long began;
  private long end = Long.MAX_VALUE;
  private boolean patient;
  private boolean left;

  FillAnswer(Exchange exchange, Fill fill, BodyBudget budget) {
    this.exchange = exchange;
    this.fill = fill;
    this.budget = budget;
  }

  /** Answers; {@code lost} runs, before any byte left, when the staged file went to the store. */
  void serve(AnswerSource source, Runnable lost) {
    if (exchange.isAnswered()) {
      leave();
      return;
    }
    Responder responder = exchange.responder();
    Representation shown = shown();
    ResponseHead head = RangedHeads.bodyless(exchange.request(), shown, source);
    if (head != null) {
      leave();
      exchange.answer(head, shown, source);
      return;
    }
    Resolved span = RangedHeads.resolve(exchange.request(), shown);
    ByteBuf small = fill.openSmall();
    if (small != null) {
      sendSmall(small, shown, source, span);
      return;
    }
    began = span instanceof Resolved.Part part ? part.first() : 0;
    end = span instanceof Resolved.Part part ? part.last() + 1 : Long.MAX_VALUE;
    patient = isPatient(span);
    FillCursor cursor = fill.open(responder.loop(), began, end, patient);
    if (cursor == null) {
      leave();
      lost.run();
      return;
    }
    responder.whenGone(this::leave);
    // The body first: it gives the lease back when the head cannot be written.
    FillBody body = new FillBody(responder, fill, cursor, end, this);
    exchange.head(RangedHeads.of(shown, source, span), shown, source);
    body.start();
  }

  /** A part says nothing of the whole, so a remote may want that proven first. */
  private boolean isPatient(Resolved span) {
    boolean early = fill.order().request().remote().earlyRange() && fill.head().sure();
    return span instanceof Resolved.Part && !early && !fill.head().expected().isEmpty();
  }

  private void sendSmall(ByteBuf body, Representation shown, AnswerSource source, Resolved span) {
    exchange.responder().whenGone(this::leave);
    WholeBody.send(exchange, body, shown, source, span, this::complete);
  }

  private Representation shown() {
    if (!fill.state().isWhole()) {
      return Representation.of(fill.head());
    }
    exchange.record().digest(fill.artifact().digest());
    return Representation.of(fill.artifact(), fill.artifact().validatedAtMillis());
  }

  @Override
  public void complete() {
    if (fill.state().isWhole()) {
      exchange.record().digest(fill.artifact().digest());
    }
    leave();
    exchange.record().upstreamTotal(fill.upstreamTotalNanos());
    exchange.complete();
  }

  /** The disk failed under the fill: the client gets the rest from the upstream, for itself. */
  @Override
  public void diverted(long position) {
    Diversion diversion = fill.diversion();
    leave();
    RelayBody relay = new RelayBody(exchange.responder(), budget, this);
    if (patient || !diversion.fetch(began, position, end, relay)) {
      exchange.broken(FetchFailure.STORAGE);
    }
  }

  @Override
  public boolean relayHead(FetchHead head) {
    // Ours was written long ago; what comes is the rest of its body.
    return !exchange.responder().isOver();
  }

  @Override
  public void broken(FetchFailure reason) {
    leave();
    exchange.broken(reason);
  }

  private void leave() {
    if (!left) {
      left = true;
      fill.leave();
    }
  }
}
