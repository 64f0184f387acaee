package dev.millrace.observe;

/**
 * How a request ended. Every request ends in exactly one of these: it is the label of the counter
 * and the word in the request log.
 */
public enum Outcome {
  /** Served whole or in part from what was stored. */
  HIT,
  /** Caused the fetch that served it. */
  MISS,
  /** Joined a fetch that another request had caused. */
  JOINED,
  /** Served from what was stored after the upstream said that it had not changed. */
  REVALIDATED,
  /** Served from what was stored although it is no longer fresh. */
  STALE,
  /** Relayed from the upstream without being stored. */
  PASS,
  /** A HEAD that was answered by asking the upstream, without a body. */
  HEAD_ONLY,
  /** The client's own copy is good: 304. */
  NOT_MODIFIED,
  /** A management page. */
  PAGE,
  /** Millrace said no; a {@link Refusal} says why. */
  REFUSED,
  /** The upstream answered with an error, which was passed on. */
  UPSTREAM_STATUS,
  /** The upstream gave no answer; a {@link FetchFailure} says why. */
  UPSTREAM_ERROR,
  /** The client left, or took too little, before the end of its answer. */
  ABORTED_CLIENT,
  /** The answer was cut because its fetch broke; a {@link FetchFailure} says why. */
  ABORTED_UPSTREAM,
  /** A fault of our own. */
  INTERNAL;

  private final String label = Labels.of(this);

  /** The spelling in metrics and logs: lower case with hyphens. */
  public String label() {
    return label;
  }
}
