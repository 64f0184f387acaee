package dev.millrace.exchange;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.RangeRequest.Resolved;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.serve.BlobBody;
import dev.millrace.serve.ClientRequest;
import dev.millrace.serve.ResponseHead;
import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the store: conditions, ranges, HEAD, whole.
 *
 * <p>Threading: confined to the client's event loop; a cold file is opened elsewhere.
 *
 * <p>Ownership: the lease of the opened file passes to the body.
 */
final class StoredAnswer {
  private final Exchange exchange;
  private final ExchangeServices services;

  StoredAnswer(Exchange exchange, ExchangeServices services) {
    this.exchange = exchange;
    this.services = services;
  }

  /** Answers with that artifact; {@code lost} runs, before any byte left, when its blob is gone. */
  void serve(StoredArtifact artifact, AnswerSource source, Runnable lost) {
    if (exchange.isAnswered()) {
      return;
    }
    ClientRequest request = exchange.request();
    Representation shown = Representation.of(artifact, services.clock().millis());
    exchange.record().digest(artifact.digest());
    ResponseHead head = RangedHeads.bodyless(request, shown, source);
    if (head != null) {
      exchange.answer(head, shown, source);
      return;
    }
    Resolved span = RangedHeads.resolve(request, shown);
    ByteBuf body = services.hot().find(artifact.digest());
    if (body != null) {
      WholeBody.send(exchange, body, shown, source, span, exchange::complete);
      return;
    }
    OpenFile hot = services.store().openHot(artifact.digest());
    if (hot != null) {
      services.hot().consider(artifact.digest(), hot, artifact.sizeBytes());
      send(hot, shown, source, span);
      return;
    }
    var ignored =
        services
            .store()
            .open(artifact.digest())
            .whenComplete((file, failure) ->
                exchange.responder().execute(() -> opened(file, shown, source, span, lost)));
  }

  /** Answers with a file that holds the representation. Ownership: takes one lease over. */
  void serve(OpenFile file, Representation shown, AnswerSource source) {
    ClientRequest request = exchange.request();
    ResponseHead head = RangedHeads.bodyless(request, shown, source);
    if (head != null) {
      file.release();
      exchange.answer(head, shown, source);
      return;
    }
    Resolved span = RangedHeads.resolve(request, shown);
    Digest digest = shown.sha256();
    ByteBuf body = digest == null ? null : services.hot().find(digest);
    if (body == null) {
      if (digest != null) {
        services.hot().consider(digest, file, shown.lengthBytes());
      }
      send(file, shown, source, span);
    } else {
      file.release();
      WholeBody.send(exchange, body, shown, source, span, exchange::complete);
    }
  }

  private void opened(
      @Nullable OpenFile file,
      Representation shown,
      AnswerSource source,
      Resolved span,
      Runnable lost) {
    if (exchange.isAnswered()) {
      if (file != null) {
        file.release();
      }
    } else if (file == null) {
      lost.run();
    } else {
      send(file, shown, source, span);
    }
  }

  private void send(OpenFile file, Representation shown, AnswerSource source, Resolved span) {
    long first = span instanceof Resolved.Part part ? part.first() : 0;
    long end = span instanceof Resolved.Part part ? part.last() + 1 : shown.lengthBytes();
    // The body first: it gives the lease back when the head cannot be written.
    BlobBody body = new BlobBody(exchange.responder(), file, first, end, exchange);
    exchange.head(RangedHeads.of(shown, source, span), shown, source);
    body.start();
  }
}
