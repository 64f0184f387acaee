package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;

/**
 * Counts what happens to fills; implemented by the metrics and by records in tests.
 *
 * <p>Threading: called on any thread; must not block.
 */
public interface FillEvents {
  /** A fetch was sent upstream. */
  void fetchStarted();

  /** Body bytes were written to the spool. */
  void bytesStaged(int bytes);

  /** A fill failed. */
  void fillFailed(FetchFailure reason);

  /** A body did not have a digest it was promised to have. */
  void digestMismatch();

  /** A whole body could not be stored. */
  void commitFailed();

  /** The spool could not be opened, so that the answer is relayed only. */
  void degradedToRelay();
}
