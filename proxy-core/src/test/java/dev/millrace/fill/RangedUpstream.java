package dev.millrace.fill;

import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.observe.FetchFailure;
import java.util.function.Function;

/**
 * Answers every request for one body, whole or a part of it, under a strong tag.
 *
 * <p>Threading: set up before it is asked.
 */
final class RangedUpstream implements Function<FetchRequest, Script> {
  static final String TAG = "\"a\"";
  private static final int PIECE_BYTES = 64 << 10;

  private final byte[] body;
  private int holdsWholeAt = Integer.MAX_VALUE;
  private int cutsPartsAt = Integer.MAX_VALUE;
  private boolean givesParts = true;
  private String partTag = TAG;

  RangedUpstream(byte[] body) {
    this.body = body;
  }

  /** The whole comes to a stand there, until the test lets it go on. */
  RangedUpstream holdingWholeAt(int bytes) {
    holdsWholeAt = bytes;
    return this;
  }

  /** Each part breaks off after so many bytes. */
  RangedUpstream cuttingPartsAt(int bytes) {
    cutsPartsAt = bytes;
    return this;
  }

  /** It gives the whole whatever is asked for. */
  RangedUpstream withoutParts() {
    givesParts = false;
    return this;
  }

  /** Parts bear another name than the whole. */
  RangedUpstream taggingParts(String tag) {
    partTag = tag;
    return this;
  }

  @Override
  public Script apply(FetchRequest request) {
    return holding(request, Integer.MAX_VALUE);
  }

  /** The same for a part that comes to a stand after so many bytes. */
  Script holding(FetchRequest request, int holdsPartAt) {
    FetchRequest.Part part = request.part();
    if (part == null || !givesParts) {
      FetchHead head = Script.withLength(body.length);
      head.headers().set("ETag", TAG);
      return bytes(Script.of(head), 0, body.length, holdsWholeAt, Integer.MAX_VALUE);
    }
    int first = Math.toIntExact(part.firstByte());
    int end = (int) Math.min(part.end(), body.length);
    FetchHead head = Script.head(206, end - first, Framing.LENGTH);
    head.headers().set("ETag", partTag);
    head.headers().set("Content-Range", "bytes " + first + "-" + (end - 1) + "/" + body.length);
    return bytes(Script.of(head), first, end, holdsPartAt, cutsPartsAt);
  }

  private Script bytes(Script script, int first, int end, int holdAt, int cutAt) {
    int at = first;
    while (at < end) {
      if (at - first >= cutAt) {
        return script.broken(FetchFailure.RESET);
      }
      if (at - first == holdAt) {
        script.hold();
      }
      int length = Math.min(PIECE_BYTES, end - at);
      script.nextRead().piece(body, at, length);
      at += length;
    }
    return script.end(BodyEnd.LENGTH_MET);
  }
}
