package dev.millrace.exchange;

import dev.millrace.observe.Outcome;
import dev.millrace.observe.Source;
import dev.millrace.observe.Unrewritten;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of an answer come from, in the words of its fields.
 *
 * @param source {@code X-Artifact-Source}
 * @param cacheStatus {@code Cache-Status} (RFC 9211)
 * @param outcome the same for log and counters
 * @param unrewritten why the links of an index are not led through here, null where they are, or
 *     where it is none
 */
record AnswerSource(
    Source source, String cacheStatus, Outcome outcome, @Nullable Unrewritten unrewritten) {
  private AnswerSource(Source source, String cacheStatus, Outcome outcome) {
    this(source, cacheStatus, outcome, null);
  }

  static final AnswerSource HIT = new AnswerSource(Source.CACHE, "millrace; hit", Outcome.HIT);

  static final AnswerSource MISS =
      new AnswerSource(Source.REMOTE, "millrace; fwd=miss; stored", Outcome.MISS);

  static final AnswerSource JOINED =
      new AnswerSource(Source.REMOTE, "millrace; fwd=miss; collapsed", Outcome.JOINED);

  static final AnswerSource RENEWED =
      new AnswerSource(Source.REMOTE, "millrace; fwd=stale; fwd-status=200; stored", Outcome.MISS);

  static final AnswerSource RENEWED_JOINED =
      new AnswerSource(
          Source.REMOTE, "millrace; fwd=stale; fwd-status=200; collapsed", Outcome.JOINED);

  static final AnswerSource REVALIDATED =
      new AnswerSource(Source.CACHE, "millrace; fwd=stale; fwd-status=304", Outcome.REVALIDATED);

  static final AnswerSource STALE =
      new AnswerSource(Source.CACHE, "millrace; fwd=stale; detail=upstream-down", Outcome.STALE);

  static final AnswerSource PASS =
      new AnswerSource(Source.REMOTE, "millrace; fwd=bypass", Outcome.PASS);

  /** The same of an index whose links are not led through here. */
  AnswerSource saying(Unrewritten reason) {
    return new AnswerSource(source, cacheStatus + "; detail=" + reason.label(), outcome, reason);
  }

  static final AnswerSource HEAD_ONLY =
      new AnswerSource(Source.REMOTE, "millrace; fwd=miss", Outcome.HEAD_ONLY);
}
