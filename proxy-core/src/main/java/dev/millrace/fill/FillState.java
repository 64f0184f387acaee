package dev.millrace.fill;

/**
 * The life of a {@link Fill}.
 *
 * <pre>
 * OPENING ──► STREAMING ──► WHOLE ──► STORED
 *    │            │         ▲ └─────► UNSTORED
 *    │            ├──► FAILED
 *    │            └──► DIVERTED
 *    ├──── in memory ───────┘
 *    ├──► ANSWERED
 *    ├──► RELAYED
 *    ├──► WITHDRAWN
 *    └──► FAILED
 * </pre>
 */
public enum FillState {
  /**
   * The upstream was asked; its head, the staged file, or the end of a body that is received into
   * memory, is not there yet.
   */
  OPENING,
  /** The head is known and the body grows in the staged file. */
  STREAMING,
  /** Every byte is there and proven; the commit is under way. */
  WHOLE,
  /** The catalog names the blob. */
  STORED,
  /** Whole and served, but not kept: the commit failed or the answer was not to be stored. */
  UNSTORED,
  /** The upstream's head is the whole answer: an error or 304. */
  ANSWERED,
  /** The body goes to the leader alone; the others ask for themselves. */
  RELAYED,
  /** The disk failed under the body: each reader goes on from the upstream alone. */
  DIVERTED,
  /** Never fetched: the store turned out to have it; look there again. */
  WITHDRAWN,
  /** The fetch broke; what is in the staged file is not a body. */
  FAILED;

  /** Whether this state may follow that one. */
  boolean follows(FillState before) {
    return switch (this) {
      case OPENING -> false;
      case STREAMING, ANSWERED, RELAYED, WITHDRAWN -> before == OPENING;
      case WHOLE -> before == OPENING || before == STREAMING;
      case STORED, UNSTORED -> before == WHOLE;
      case FAILED -> before == OPENING || before == STREAMING;
      case DIVERTED -> before == STREAMING;
    };
  }

  /** Whether the head is known or will never be. */
  public boolean isOpened() {
    return this != OPENING;
  }

  /** Whether nothing can follow. */
  public boolean isOver() {
    return switch (this) {
      case OPENING, STREAMING, WHOLE -> false;
      case STORED, UNSTORED, ANSWERED, RELAYED, DIVERTED, WITHDRAWN, FAILED -> true;
    };
  }

  /** Whether all bytes are there and proven. */
  public boolean isWhole() {
    return this == WHOLE || this == STORED || this == UNSTORED;
  }
}
