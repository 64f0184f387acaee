package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;

/**
 * Counts what happens to fills; implemented by the metrics and by records in tests.
 *
 * <p>Threading: called on any thread; must not block.
 */
public interface FillEvents {
  /** The upstream's head is whole, this long after the start. */
  void headReceived(long nanos);

  /** A body broke off and its rest is asked for. */
  void resumed();

  /** A part of a body is asked for by itself. */
  void segmentFetched();

  /** A fill failed, by its upstream's fault or by ours. */
  void fillFailed(FetchFailure reason);

  /** A body did not have a digest it was promised to have. */
  void digestMismatch();

  /** A whole body could not be stored. */
  void commitFailed();

  /** There is no place for a body, so that it is passed on and not stored. */
  void degradedToRelay();
}
