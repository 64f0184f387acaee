package dev.millrace.store;

/** Why a body was not stored although it was whole. */
public enum CommitFailure {
  /** More finished bodies wait than {@code Limits.COMMIT_QUEUE_MAX}. */
  QUEUE_FULL,
  /** The store is closing or closed. */
  CLOSED,
  /** A body that was in memory found no room in the quota or on the volume, or no file. */
  STAGE,
  /** The staged file has not the length that was proven. */
  LENGTH,
  /** The bytes could not be made durable. */
  SYNC,
  /** The blob could not be given its name, or the name not be made durable. */
  PUBLISH,
  /** The catalog could not record it. */
  CATALOG,
  /** The program is wrong; the log has the trace. */
  INTERNAL
}
