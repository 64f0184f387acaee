package dev.millrace.exchange;

import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.fill.FetchHead;
import dev.millrace.observe.FetchFailure;
import dev.millrace.observe.Outcome;
import dev.millrace.observe.Refusal;
import dev.millrace.observe.Source;
import dev.millrace.serve.BodyListener;
import dev.millrace.serve.ClientRequest;
import dev.millrace.serve.Responder;
import dev.millrace.serve.ResponseHead;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.jspecify.annotations.Nullable;

/**
 * The frame of one request and its answer: writes the head, ends or aborts, and is recorded once.
 *
 * <p>Threading: confined to the client's event loop.
 */
final class Exchange implements BodyListener {
  /** What a client is asked to wait when we are the ones that cannot answer now. */
  private static final String RETRY_AFTER_SECONDS = "1";

  private final ClientRequest request;
  private final Responder responder;
  private final Dialect dialect;
  private final ExchangeRecord record;
  private boolean recorded;
  private boolean isolated;
  private boolean headWritten;

  Exchange(ClientRequest request, Responder responder, ExchangeLog log) {
    this.request = request;
    this.responder = responder;
    this.dialect = Dialect.of(request.target());
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

  /**
   * Whether what is answered comes from anywhere: no browser is to take that for a page of ours.
   */
  void isolate(boolean fromAnywhere) {
    isolated = fromAnywhere;
  }

  /** Writes the head of an answer with that representation; the body follows. */
  void head(ResponseHead head, Representation shown, AnswerSource source) {
    record.source(source);
    dialect.describe(head, shown);
    head(head);
  }

  private void head(ResponseHead head) {
    assert !isAnswered();
    if (isolated) {
      head.field("Content-Security-Policy", "sandbox").field("X-Content-Type-Options", "nosniff");
    }
    headWritten = true;
    record.headWritten(head.status(), now());
    responder.head(dialect.mark(head));
  }

  /** Answers with a head alone; a status that says no gets a body that says why. */
  void answer(ResponseHead head, Representation shown, AnswerSource source) {
    if (isAnswered()) {
      return;
    }
    record.source(source);
    switch (head.status()) {
      case 412 -> refuse(Refusal.PRECONDITION, head, null);
      case 416 -> refuse(Refusal.RANGE, head, null);
      default -> {
        dialect.describe(head, shown);
        head(head);
        complete();
      }
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
    int status = refusal.status();
    refuse(refusal, new ResponseHead(status).field("Retry-After", retryAfter(status)), null);
  }

  /** Says no for a fetch that broke. */
  void refuse(FetchFailure failure) {
    record.failure(failure);
    ResponseHead head =
        new ResponseHead(failure.status())
            .field("Cache-Status", "millrace; fwd=miss; detail=" + failure.label())
            .field("Retry-After", retryAfter(failure.status()));
    refuse(Refusal.UPSTREAM_FAILED, head, failure.label());
  }

  /**
   * Passes on the status of an upstream that has no body for us, or 502 for one not for clients.
   */
  void refuseAsUpstream(FetchHead answer) {
    int status = answer.status();
    String retryAfter = answer.headers().get(HttpHeaderNames.RETRY_AFTER);
    ResponseHead head =
        new ResponseHead(isOurs(status) ? status : Refusal.UPSTREAM_STATUS.status())
            .field("X-Artifact-Source", Source.REMOTE.label())
            .field("Cache-Status", "millrace; fwd=miss; fwd-status=" + status)
            .field("Retry-After", retryAfter != null ? retryAfter : retryAfter(status));
    refuse(Refusal.UPSTREAM_STATUS, head, "upstream status " + status);
  }

  /** 407 is about a proxy between us and the upstream, and below 400 there is no error. */
  private static boolean isOurs(int upstreamStatus) {
    return upstreamStatus >= 400 && upstreamStatus != 407;
  }

  /** Says that the upstream had nothing there a while ago, with the status it said so. */
  void refuseAsAbsent(int status) {
    ResponseHead head =
        new ResponseHead(status)
            .field("X-Artifact-Source", Source.CACHE.label())
            .field("Cache-Status", "millrace; hit; detail=negative");
    refuse(Refusal.NEGATIVE, head, null);
  }

  /** Completes the head of a no, and gives it a body that says why. */
  private void refuse(Refusal refusal, ResponseHead head, @Nullable String detail) {
    if (isAnswered()) {
      return;
    }
    record.refusal(refusal);
    byte[] body = dialect.errorBody(head.status(), refusal, detail);
    head(
        head.field("Content-Type", dialect.errorType())
            .field("Cache-Control", "no-store")
            .field("Allow", refusal == Refusal.METHOD ? "GET, HEAD" : null)
            .field("X-Content-Type-Options", isolated ? null : "nosniff")
            .length(body.length));
    sendBytes(body);
  }

  private static @Nullable String retryAfter(int status) {
    return status == 503 ? RETRY_AFTER_SECONDS : null;
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
