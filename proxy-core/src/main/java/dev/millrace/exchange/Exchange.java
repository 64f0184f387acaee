package dev.millrace.exchange;

import dev.millrace.observe.FetchFailure;
import dev.millrace.observe.Outcome;
import dev.millrace.observe.Refusal;
import dev.millrace.serve.BodyListener;
import dev.millrace.serve.ClientRequest;
import dev.millrace.serve.Responder;
import dev.millrace.serve.ResponseHead;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The frame of one request and its answer: writes the head, ends or aborts, and is recorded once.
 *
 * <p>Threading: confined to the client's event loop.
 */
final class Exchange implements BodyListener {
  private final ClientRequest request;
  private final Responder responder;
  private final ExchangeRecord record;
  private boolean recorded;
  private boolean headWritten;

  Exchange(ClientRequest request, Responder responder, ExchangeLog log) {
    this.request = request;
    this.responder = responder;
    this.record = new ExchangeRecord(request, log);
    responder.whenGone(() -> record(Outcome.ABORTED_CLIENT));
  }

  ClientRequest request() {
    return request;
  }

  Responder responder() {
    return responder;
  }

  /** What will be logged. */
  ExchangeRecord record() {
    return record;
  }

  /** Whether the answer has begun or is over: then nothing else can be answered. */
  boolean isAnswered() {
    return headWritten || responder.isOver();
  }

  /** Writes the head of an answer from that source; the body follows. */
  void head(ResponseHead head, AnswerSource source) {
    record.source(source);
    head(head);
  }

  private void head(ResponseHead head) {
    assert !isAnswered();
    headWritten = true;
    record.headWritten(head.status(), now());
    responder.head(head);
  }

  /** Answers with a head alone. */
  void answer(ResponseHead head, AnswerSource source) {
    if (!isAnswered()) {
      head(head, source);
      complete();
    }
  }

  /** Answers with a small body of our own. */
  void page(int status, String contentType, byte[] body) {
    if (isAnswered()) {
      return;
    }
    head(
        new ResponseHead(status)
            .field("Content-Type", contentType)
            .field("Cache-Control", "no-store")
            .length(body.length));
    sendBytes(body);
  }

  /** Says no. */
  void refuse(Refusal refusal) {
    refuse(refusal, refusal.status(), null, null);
  }

  /** Says no for a fetch that broke. */
  void refuse(FetchFailure failure) {
    record.failure(failure);
    refuse(Refusal.UPSTREAM_FAILED, failure.status(), failure.label(), null);
  }

  /** Says no with a status of its own, a detail, and a Retry-After. */
  void refuse(Refusal refusal, int status, @Nullable String detail, @Nullable String retryAfter) {
    if (isAnswered()) {
      return;
    }
    record.refusal(refusal);
    byte[] body = ProblemBody.of(status, refusal, detail);
    ResponseHead head =
        new ResponseHead(status)
            .field("Content-Type", ProblemBody.TYPE)
            .field("Cache-Control", "no-store")
            .field("Retry-After", retryAfter != null || status != 503 ? retryAfter : "1")
            .field("Allow", refusal == Refusal.METHOD ? "GET, HEAD" : null)
            .field("X-Content-Type-Options", "nosniff")
            .length(body.length);
    head(head);
    sendBytes(body);
  }

  private void sendBytes(byte[] body) {
    if (request.isHead() || body.length == 0) {
      complete();
    } else {
      responder.bytes(Unpooled.wrappedBuffer(body), this::complete);
    }
  }

  @Override
  public void complete() {
    if (!responder.isOver()) {
      record(record.outcome());
      responder.end();
    }
  }

  @Override
  public void broken(FetchFailure reason) {
    record.failure(reason);
    record(Outcome.ABORTED_UPSTREAM);
    responder.abort();
  }

  /** Breaks the answer off for a fault of our own. */
  void crash() {
    record(Outcome.INTERNAL);
    responder.abort();
  }

  private void record(Outcome outcome) {
    if (!recorded) {
      recorded = true;
      record.finish(outcome, responder.bodyBytesSent(), now());
    }
  }

  private long now() {
    return responder.loop().ticker().nanoTime();
  }
}
