package dev.millrace.exchange;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.fill.BodyEnd;
import dev.millrace.fill.FetchFlow;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchSink;
import dev.millrace.observe.FetchFailure;
import dev.millrace.serve.ResponseHead;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Answers HEAD by an upstream HEAD; nothing is stored by it.
 *
 * <p>Threading: called on the fetch's loop, answers on the client's.
 */
final class HeadAnswer implements FetchSink {
  private final Exchange exchange;
  private final UpstreamRule rule;
  private final boolean rewritten;
  private final Consumer<FetchHead> refused;
  private final Consumer<FetchFailure> failed;

  /**
   * An answer that hands a status other than 2xx, or a failure, to those consumers on the client's
   * loop.
   */
  HeadAnswer(
      Exchange exchange,
      UpstreamRule rule,
      boolean rewritten,
      Consumer<FetchHead> refused,
      Consumer<FetchFailure> failed) {
    this.exchange = exchange;
    this.rule = rule;
    this.rewritten = rewritten;
    this.refused = refused;
    this.failed = failed;
  }

  @Override
  public void onHead(FetchHead head, FetchFlow flow) {
    exchange
        .responder()
        .execute(() -> {
          if (head.status() >= 300) {
            refused.accept(head);
            return;
          }
          Representation shown = shown(head);
          exchange.answer(answer(head, shown), shown, AnswerSource.HEAD_ONLY);
        });
  }

  /** What an index is like once its links are led is not known before its body is. */
  private Representation shown(FetchHead head) {
    ArtifactHead kept = UpstreamRule.keptHead(head.headers());
    return rewritten
        ? new Representation(kept, null, null, -1, -1)
        : new Representation(kept, kept.etag(), rule.saidSha256(head), head.contentLength(), -1);
  }

  private ResponseHead answer(FetchHead head, Representation shown) {
    return switch (exchange
        .request()
        .preconditions()
        .evaluate(shown.etag(), shown.head().lastModified())) {
      case NOT_MODIFIED -> AnswerHeads.of(304, shown, AnswerSource.HEAD_ONLY);
      case FAILED -> AnswerHeads.of(412, shown, AnswerSource.HEAD_ONLY);
      case PROCEED -> {
        ResponseHead whole = AnswerHeads.of(head.status(), shown, AnswerSource.HEAD_ONLY);
        yield shown.lengthBytes() >= 0 ? whole.length(shown.lengthBytes()) : whole;
      }
    };
  }

  @Override
  public void onBody(ByteBuf piece) {
    piece.release();
  }

  @Override
  public void onReadComplete() {
    // No body was asked for.
  }

  @Override
  public void onEnd(BodyEnd end) {
    // The head was the answer.
  }

  @Override
  public void onFailure(FetchFailure reason, String detail) {
    exchange.responder().execute(() -> failed.accept(reason));
  }
}
