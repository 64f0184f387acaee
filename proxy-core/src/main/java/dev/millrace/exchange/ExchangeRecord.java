package dev.millrace.exchange;

import dev.millrace.artifact.Digest;
import dev.millrace.observe.FetchFailure;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.Outcome;
import dev.millrace.observe.Refusal;
import dev.millrace.observe.RequestLine;
import dev.millrace.observe.Source;
import dev.millrace.serve.ClientRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what is counted and logged of one exchange.
 *
 * <p>Threading: confined to the client's event loop; the line is handed to the log's own thread.
 */
final class ExchangeRecord {
  private final ClientRequest request;
  private final ExchangeLog log;
  private final Instant time;
  private Outcome outcome = Outcome.INTERNAL;
  private Source source = Source.NONE;
  private int status;
  private long firstByteNanos = -1;
  private long upstreamHeadNanos = -1;
  private long upstreamTotalNanos = -1;
  private @Nullable String remote;
  private @Nullable Refusal refusal;
  private @Nullable FetchFailure failure;
  private @Nullable Digest digest;

  ExchangeRecord(ClientRequest request, ExchangeLog log) {
    this.request = request;
    this.log = log;
    this.time = log.clock().instant();
  }

  /** The configured remote that was asked. */
  void remote(String name) {
    remote = name;
  }

  /** Where the answer comes from. */
  void source(AnswerSource from) {
    outcome = from.outcome();
    source = from.source();
    if (from.unrewritten() != null) {
      log.metrics().indexUnrewritten(from.unrewritten());
    }
  }

  /** A page of our own. */
  void page() {
    outcome = Outcome.PAGE;
  }

  /** The head was written. */
  void headWritten(int code, long nowNanos) {
    status = code;
    firstByteNanos = nowNanos - request.startedNanos();
    if (code == 304) {
      outcome = Outcome.NOT_MODIFIED;
    }
  }

  /** Millrace says no. */
  void refusal(Refusal why) {
    refusal = why;
    outcome =
        switch (why) {
          case UPSTREAM_STATUS -> Outcome.UPSTREAM_STATUS;
          case UPSTREAM_FAILED -> Outcome.UPSTREAM_ERROR;
          default -> Outcome.REFUSED;
        };
    log.metrics().refused(why);
  }

  /** The fetch broke. */
  void failure(FetchFailure why) {
    failure = why;
  }

  /** The digest of the whole artifact. */
  void digest(Digest of) {
    digest = of;
  }

  /** The upstream's head took so long; 0 when it did not come. */
  void upstreamHead(long nanos) {
    if (nanos > 0) {
      upstreamHeadNanos = nanos;
    }
  }

  /** The upstream's body took so long; 0 when it has not ended. */
  void upstreamTotal(long nanos) {
    if (nanos > 0) {
      upstreamTotalNanos = nanos;
    }
  }

  /** How it would end now. */
  Outcome outcome() {
    return outcome;
  }

  /** Counts and logs. */
  void finish(Outcome ended, long bytes, long nowNanos) {
    Metrics metrics = log.metrics();
    metrics.requestFinished(ended, bytes);
    if (firstByteNanos >= 0) {
      metrics.firstByteSent(firstByteNanos);
    }
    if (remote != null) {
      metrics.remote(remote).requestFinished(source, bytes);
    }
    if (log.requests().isEnabled()) {
      log.requests().offer(line(ended, bytes, nowNanos - request.startedNanos()));
    }
  }

  private RequestLine line(Outcome ended, long bytes, long totalNanos) {
    return new RequestLine(
        time,
        new RequestLine.Asked(
            request.method(),
            remote,
            request.target(),
            request.clientAddress(),
            request.headers().get(HttpHeaderNames.USER_AGENT)),
        new RequestLine.Answer(
            status,
            new RequestLine.End(ended, source, refusal, failure),
            bytes,
            micros(firstByteNanos),
            micros(totalNanos),
            digest),
        upstreamHeadNanos < 0
            ? null
            : new RequestLine.Upstream(micros(upstreamHeadNanos), micros(upstreamTotalNanos)));
  }

  private static long micros(long nanos) {
    return nanos < 0 ? -1 : TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
