package dev.millrace.fill;

import dev.millrace.observe.FetchFailure;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** What happened to fills, counted. */
final class CountedEvents implements FillEvents {
  final AtomicInteger heads = new AtomicInteger();
  final AtomicInteger resumes = new AtomicInteger();
  final AtomicInteger segments = new AtomicInteger();
  final AtomicInteger mismatches = new AtomicInteger();
  final AtomicInteger commitFailures = new AtomicInteger();
  final AtomicInteger degraded = new AtomicInteger();
  final List<FetchFailure> failures = new CopyOnWriteArrayList<>();

  @Override
  public void headReceived(long nanos) {
    heads.incrementAndGet();
  }

  @Override
  public void fillFailed(FetchFailure reason) {
    failures.add(reason);
  }

  @Override
  public void resumed() {
    resumes.incrementAndGet();
  }

  @Override
  public void segmentFetched() {
    segments.incrementAndGet();
  }

  @Override
  public void digestMismatch() {
    mismatches.incrementAndGet();
  }

  @Override
  public void commitFailed() {
    commitFailures.incrementAndGet();
  }

  @Override
  public void degradedToRelay() {
    degraded.incrementAndGet();
  }
}
