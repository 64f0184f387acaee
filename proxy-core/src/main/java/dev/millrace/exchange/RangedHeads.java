package dev.millrace.exchange;

import dev.millrace.artifact.RangeRequest;
import dev.millrace.artifact.RangeRequest.Resolved;
import dev.millrace.exchange.AnswerHeads.Representation;
import dev.millrace.serve.ClientRequest;
import dev.millrace.serve.ResponseHead;
import org.jspecify.annotations.Nullable;

/** Heads of answers to conditions and ranges (RFC 9110 §13, §14). Threading: stateless. */
final class RangedHeads {
  private RangedHeads() {}

  /** The head that is the whole answer: 304, 412, 416, or to HEAD; null when a body follows. */
  static @Nullable ResponseHead bodyless(
      ClientRequest request, Representation shown, AnswerSource source) {
    return switch (request.preconditions().evaluate(shown.etag(), shown.head().lastModified())) {
      case NOT_MODIFIED -> AnswerHeads.of(304, shown, source);
      case FAILED -> AnswerHeads.of(412, shown, source);
      case PROCEED -> {
        if (request.isHead()) {
          yield withLength(AnswerHeads.of(200, shown, source), shown.lengthBytes());
        }
        if (resolve(request, shown) instanceof Resolved.Unsatisfiable) {
          yield new ResponseHead(416)
              .field("X-Artifact-Source", source.source().label())
              .field("Cache-Status", source.cacheStatus())
              .field("Content-Range", "bytes */" + shown.lengthBytes());
        }
        yield null;
      }
    };
  }

  /** The part that a GET asks for; the whole while the length is not known. */
  static Resolved resolve(ClientRequest request, Representation shown) {
    RangeRequest range = request.range();
    if (shown.lengthBytes() < 0
        || !request.preconditions().allowsRange(shown.etag(), shown.head().lastModified())) {
      return new Resolved.Whole();
    }
    return range.resolve(shown.lengthBytes());
  }

  /** The head of a 200 or 206. */
  static ResponseHead of(Representation shown, AnswerSource source, Resolved span) {
    if (span instanceof Resolved.Part part) {
      return AnswerHeads.of(206, shown, source)
          .field(
              "Content-Range",
              "bytes " + part.first() + "-" + part.last() + "/" + shown.lengthBytes())
          .length(part.count());
    }
    ResponseHead whole = AnswerHeads.of(200, shown, source);
    return shown.lengthBytes() >= 0
        ? whole.length(shown.lengthBytes())
        : whole.length(new ResponseHead.Length.Unknown());
  }

  private static ResponseHead withLength(ResponseHead head, long lengthBytes) {
    return lengthBytes >= 0 ? head.length(lengthBytes) : head;
  }
}
