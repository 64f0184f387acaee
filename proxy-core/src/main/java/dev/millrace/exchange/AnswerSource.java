package dev.millrace.exchange;

import dev.millrace.observe.Outcome;

/**
 * Where the bytes of an answer come from, in the words of its fields.
 *
 * @param artifactSource {@code X-Artifact-Source}: {@code remote} or {@code cache}
 * @param cacheStatus {@code Cache-Status} (RFC 9211)
 * @param outcome the same for log and counters
 */
record AnswerSource(String artifactSource, String cacheStatus, Outcome outcome) {
  static final AnswerSource HIT = new AnswerSource("cache", "millrace; hit", Outcome.HIT);

  static final AnswerSource MISS =
      new AnswerSource("remote", "millrace; fwd=miss; stored", Outcome.MISS);

  static final AnswerSource JOINED =
      new AnswerSource("remote", "millrace; fwd=miss; collapsed", Outcome.JOINED);

  static final AnswerSource RENEWED =
      new AnswerSource("remote", "millrace; fwd=stale; fwd-status=200; stored", Outcome.MISS);

  static final AnswerSource RENEWED_JOINED =
      new AnswerSource("remote", "millrace; fwd=stale; fwd-status=200; collapsed", Outcome.JOINED);

  static final AnswerSource REVALIDATED =
      new AnswerSource("cache", "millrace; fwd=stale; fwd-status=304", Outcome.REVALIDATED);

  static final AnswerSource STALE =
      new AnswerSource("cache", "millrace; fwd=stale; detail=upstream-down", Outcome.STALE);

  static final AnswerSource PASS =
      new AnswerSource("remote", "millrace; fwd=bypass", Outcome.PASS);

  static final AnswerSource HEAD_ONLY =
      new AnswerSource("remote", "millrace; fwd=method", Outcome.HEAD_ONLY);
}
