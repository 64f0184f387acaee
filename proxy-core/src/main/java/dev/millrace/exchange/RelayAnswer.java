package dev.millrace.exchange;

import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.fill.FetchHead;
import dev.millrace.observe.FetchFailure;
import dev.millrace.serve.RelayBody;
import dev.millrace.serve.ResponseHead;

/**
 * The head and the end of an answer that is relayed and not stored.
 *
 * <p>Threading: confined to the client's event loop.
 */
final class RelayAnswer implements RelayBody.Target {
  private final Exchange exchange;
  private final UpstreamRule rule;
  private final AnswerSource source;

  RelayAnswer(Exchange exchange, UpstreamRule rule, AnswerSource source) {
    this.exchange = exchange;
    this.rule = rule;
    this.source = source;
  }

  @Override
  public boolean relayHead(FetchHead head) {
    if (exchange.isAnswered()) {
      return false;
    }
    if (head.status() >= 300) {
      exchange.refuseAsUpstream(head);
      return false;
    }
    var kept = UpstreamRule.keptHead(head.headers());
    Representation shown =
        new Representation(kept, kept.etag(), rule.saidSha256(head), head.contentLength(), -1);
    ResponseHead answer = AnswerHeads.of(head.status(), shown, source);
    answer.length(
        switch (head.framing()) {
          case NONE -> new ResponseHead.Length.None();
          case LENGTH -> new ResponseHead.Length.Known(head.contentLength());
          case CHUNKED -> new ResponseHead.Length.Unknown();
          case CLOSE -> new ResponseHead.Length.Uncertain();
        });
    exchange.head(answer, shown, source);
    return true;
  }

  @Override
  public void complete() {
    exchange.complete();
  }

  @Override
  public void broken(FetchFailure reason) {
    if (exchange.isAnswered()) {
      exchange.broken(reason);
    } else {
      exchange.refuse(reason);
    }
  }
}
