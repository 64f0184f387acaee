package dev.millrace.fill;

/** What a {@link FillIntake} does with what its fetch brings. */
enum IntakeMode {
  /** The head has not come. */
  HEAD,
  /** Pieces go to the queue. */
  STAGING,
  /** Pieces go into memory. */
  GATHERING,
  /** The body broke off and its rest was asked for. */
  RESUMING,
  /** What is missing comes in parts, if at all. */
  SEGMENTS,
  /** Everything goes to the leader's relay. */
  RELAYING,
  /** Nothing is taken any more. */
  CLOSED
}
