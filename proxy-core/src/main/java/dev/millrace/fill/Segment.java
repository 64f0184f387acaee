package dev.millrace.fill;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of a body that is fetched for itself, ahead of what comes in order.
 *
 * <pre>
 *   start ──── in the file ──── writtenTo ──── asked for ──── claimedTo
 * </pre>
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Threading: {@code writtenTo} moves on one fill thread at a time, everything else on the fill's
 * loop; both ends are read anywhere.
 */
final class Segment {
  private final long start;
  private volatile long writtenTo;
  private volatile long claimedTo;
  private @Nullable SegmentFetch running;
  private boolean coming;

  Segment(long start, long end) {
    this.start = start;
    this.writtenTo = start;
    this.claimedTo = end;
  }

  /** One stretch of two that touch and are whole. */
  static Segment joined(Segment first, Segment second) {
    assert first.isWhole() && second.isWhole() && first.claimedTo == second.start;
    Segment both = new Segment(first.start, second.claimedTo);
    both.writtenTo = second.claimedTo;
    both.coming = true;
    return both;
  }

  /** Its first byte. */
  long start() {
    return start;
  }

  /** The first byte that is not in the file yet. */
  long writtenTo() {
    return writtenTo;
  }

  /** The first byte behind it. */
  long claimedTo() {
    return claimedTo;
  }

  /** Moves on after bytes were written. Threading: on the fill thread. */
  void wrote(long end) {
    writtenTo = end;
  }

  /** Moves its end. */
  void claim(long end) {
    claimedTo = end;
  }

  /** The fetch that brings it; null when none runs. */
  @Nullable SegmentFetch running() {
    return running;
  }

  /** Says which fetch brings it. */
  void running(@Nullable SegmentFetch fetch) {
    running = fetch;
  }

  /** Whether the upstream has begun to send it, so that it will not be asked for again. */
  boolean isComing() {
    return coming;
  }

  /** The upstream has begun to send it. */
  void comes() {
    coming = true;
  }

  /** It will be asked for again, in order. */
  void comesNot() {
    coming = false;
  }

  /** Whether all of it is in the file. */
  boolean isWhole() {
    return running == null && writtenTo == claimedTo;
  }

  /** Whether that byte is in it, or asked for. */
  boolean covers(long position) {
    return position >= start && position < claimedTo;
  }
}
