package dev.millrace.fill;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StreamDigest;
import dev.millrace.observe.FetchFailure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the readers of a fill go on whose disk has failed: each asks the upstream for what it misses,
 * and where a digest was promised each has the whole proven before it gets the end.
 *
 * <p>Threading: immutable; its hashes are copied, never fed.
 */
public final class Diversion {
  private final Fill fill;
  private final ResumeRule rule;
  private final ResumeRule byName;
  private final List<Digest> promised;
  private final List<StreamDigest> hashed;
  private final long hashedTo;

  /**
   * A diversion.
   *
   * @param rule for what is proven
   * @param byName for what is not
   * @param promised digests that the body must have
   * @param hashed the hashes of the beginning, one for each of them
   * @param hashedTo how far they go
   */
  Diversion(
      Fill fill,
      ResumeRule rule,
      ResumeRule byName,
      List<Digest> promised,
      List<StreamDigest> hashed,
      long hashedTo) {
    this.fill = fill;
    this.rule = rule;
    this.byName = byName;
    this.promised = promised;
    this.hashed = hashed;
    this.hashedTo = hashedTo;
  }

  /**
   * Fetches a part for one reader, which has had what lies before it; false, and nothing happens,
   * when nothing vouches for it being a part of the same body.
   *
   * <p>A reader that has had bytes of the file under a promised digest gets the rest only where the
   * fill's own hash ends: a proof of another fetch would say nothing of what it has had.
   *
   * @param began where the reader began
   * @param first the first byte that it misses
   * @param end the first byte after it, {@link Long#MAX_VALUE} for all
   * @param relay called like the sink of any fetch
   */
  public boolean fetch(long began, long first, long end, FetchSink relay) {
    if (promised.isEmpty() && !byName.isNamed(first)) {
      return false;
    }
    FillServices services = fill.services();
    // What is in the file is hashed; who is elsewhere has to hash from the beginning.
    boolean here = first == hashedTo;
    boolean early = rule.isBeforeTheTail(end) && byName.isNamed(first);
    boolean proves = !promised.isEmpty() && !early;
    if (proves && !here && first > began) {
      return false;
    }
    ResumeRule asked = proves ? rule : byName;
    FetchRequest request = !proves || here ? asked.request(first) : asked.request(0);
    long hashedFrom = here ? hashedTo : 0;
    BodyProver prover = proves ? prover(here) : null;
    services
        .fetcher()
        .fetch(
            request,
            new PassedPart(relay, head -> judge(head, request, prover, hashedFrom), first, end));
    return true;
  }

  private BodyProver prover(boolean here) {
    if (!here) {
      return BodyProver.fromTheFirstByte(fill.order().key(), fill.services(), promised);
    }
    List<StreamDigest> copies = hashed.stream().map(StreamDigest::copy).toList();
    return new BodyProver(fill.order().key(), fill.services().events(), promised, copies);
  }

  private PassedPart.Admission judge(
      FetchHead head, FetchRequest request, @Nullable BodyProver prover, long hashedFrom) {
    ResumeRule asking = prover == null ? byName : rule;
    FetchRequest.Part part = request.part();
    long asked = part == null ? 0 : part.firstByte();
    return switch (asking.judge(head, asked, fill.services().clock().millis())) {
      case ResumeRule.Continues(long firstByte, long wholeBytes) -> {
        if (firstByte < asked && prover == null && !byName.isOfTheSameName(head)) {
          // Nobody compares its beginning with what the reader has.
          yield refused(head, "sent a body that nothing tells from another");
        }
        if (prover == null && wholeBytes < 0 && head.framing() == FetchHead.Framing.CLOSE) {
          yield refused(head, "does not say where the body ends");
        }
        yield new PassedPart.Admitted(firstByte, wholeBytes, prover, hashedFrom);
      }
      case ResumeRule.Complete() -> refused(head, "has no rest of it");
      case ResumeRule.Later(long afterMillis) -> refused(head, "asks to come back later");
      case ResumeRule.Never(FillFailure failure) ->
          failure == null
              ? refused(head, "answers no part of the body")
              : new PassedPart.Refused(failure);
    };
  }

  private static PassedPart.Refused refused(FetchHead head, String what) {
    String detail = "the disk failed, and the upstream " + what + ": status " + head.status();
    return new PassedPart.Refused(new FillFailure(FetchFailure.STORAGE, detail));
  }
}
