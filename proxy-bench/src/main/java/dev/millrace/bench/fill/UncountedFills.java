package dev.millrace.bench.fill;

import dev.millrace.fill.FillEvents;
import dev.millrace.observe.FetchFailure;

/** Counts nothing of what happens to fills. Threading: stateless. */
public final class UncountedFills implements FillEvents {
  @Override
  public void headReceived(long nanos) {}

  @Override
  public void fillFailed(FetchFailure reason) {}

  @Override
  public void resumed() {}

  @Override
  public void segmentFetched() {}

  @Override
  public void digestMismatch() {}

  @Override
  public void commitFailed() {}

  @Override
  public void degradedToRelay() {}
}
