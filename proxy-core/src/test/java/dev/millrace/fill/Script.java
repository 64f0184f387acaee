package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What an upstream sends, step by step. */
final class Script {
  /** One thing that happens. */
  sealed interface Step {
    /** The final head. */
    record Head(FetchHead head) implements Step {}

    /** Bytes of the body. */
    record Piece(ByteBuffer bytes) implements Step {}

    /** Ends the read that is under way; the next step needs another one. */
    record NextRead() implements Step {}

    /** Stands still until the test lets it go on, or for ever. */
    record Hold() implements Step {}

    /** The body ends as its framing says. */
    record End(BodyEnd end) implements Step {}

    /** The fetch breaks. */
    record Broken(FetchFailure reason) implements Step {}
  }

  private final List<Step> steps = new ArrayList<>();

  /** An answer that begins with that head. */
  static Script of(FetchHead head) {
    return new Script().add(new Step.Head(head));
  }

  /** An answer that breaks before its head. */
  static Script headless(FetchFailure reason) {
    return new Script().broken(reason);
  }

  /** A whole answer with a body of known length, one piece for each read. */
  static Script whole(byte[] body, int pieceBytes) {
    return of(withLength(body.length)).body(body, pieceBytes).end(BodyEnd.LENGTH_MET);
  }

  static FetchHead withLength(long length) {
    return head(200, length, FetchHead.Framing.LENGTH);
  }

  static FetchHead chunked() {
    return head(200, -1, FetchHead.Framing.CHUNKED);
  }

  static FetchHead untilClose() {
    return head(200, -1, FetchHead.Framing.CLOSE);
  }

  static FetchHead head(int status, long length, FetchHead.Framing framing) {
    return new FetchHead(status, new DefaultHttpHeaders(), length, framing);
  }

  /** The head comes after what was before it. */
  Script then(FetchHead head) {
    return add(new Step.Head(head));
  }

  /** Bytes that come with what was before them. */
  Script piece(byte[] body, int from, int length) {
    return add(new Step.Piece(ByteBuffer.wrap(body, from, length).slice()));
  }

  /** A body in pieces, each by a read of its own. */
  Script body(byte[] body, int pieceBytes) {
    for (int from = 0; from < body.length; from += pieceBytes) {
      nextRead().piece(body, from, Math.min(pieceBytes, body.length - from));
    }
    return this;
  }

  Script nextRead() {
    return add(new Step.NextRead());
  }

  Script hold() {
    return add(new Step.Hold());
  }

  Script end(BodyEnd end) {
    return add(new Step.End(end));
  }

  Script broken(FetchFailure reason) {
    return add(new Step.Broken(reason));
  }

  /** The same without a field of its head. */
  Script without(String field) {
    if (steps.getFirst() instanceof Step.Head(FetchHead head)) {
      head.headers().remove(field);
    }
    return this;
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  private Script add(Step step) {
    steps.add(step);
    return this;
  }
}
