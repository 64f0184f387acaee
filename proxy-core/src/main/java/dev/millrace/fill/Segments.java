package dev.millrace.fill;

import static dev.millrace.config.Limits.GAP_BYTES_MAX;
import static dev.millrace.config.Limits.HOLD_BACK_BYTES;
import static dev.millrace.config.Limits.PARTIAL_GRACE;
import static dev.millrace.config.Limits.PARTIAL_IDLE;
import static dev.millrace.config.Limits.SEGMENTS_MAX;
import static dev.millrace.config.Limits.SEGMENT_BYTES;
import static dev.millrace.config.Limits.SEGMENT_BYTES_MIN;
import static dev.millrace.config.Limits.SEGMENT_FETCHES_MAX;

import dev.millrace.artifact.RangeRequest;
import dev.millrace.config.RemoteSettings.CompletePartial;
import dev.millrace.observe.FetchFailure;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a body that are fetched out of order into the same file, for readers that are far
 * ahead of what comes in order.
 *
 * <p>Whoever waits for a byte that nobody fetches gets a fetch of its own for a step of {@code
 * Limits.SEGMENT_BYTES}; who waits for bytes that somebody fetches shares them. When the first
 * fetch, which brings the body in order, comes to a segment it ends, and the gaps are filled by
 * steps, too, if the whole is wanted: so no byte is fetched twice but those that were on their way.
 *
 * <p>Whether the whole is wanted says the remote's {@code complete_partial}.
 *
 * <p>Limits: {@code Limits.SEGMENT_FETCHES_MAX} fetches at once for one body; who comes later waits
 * for one of them to end. {@code Limits.SEGMENTS_MAX} stretches that do not touch; with more the
 * whole is fetched. A part that nobody has read for {@code Limits.PARTIAL_IDLE} is discarded.
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Threading: confined to the fill's loop, but where a method says otherwise.
 */
final class Segments {
  private final Fill fill;
  private final FillQueue queue;
  private final FillIntake intake;
  private final long threshold;
  private final int lanes;
  private final CompletePartial policy;
  private final Extents asked = new Extents();
  private final SegmentMap parts = new SegmentMap();
  private final Map<FillCursor, Want> wants = new LinkedHashMap<>();
  private volatile boolean able;
  private volatile boolean completing;
  private volatile boolean inOrder = true;
  private volatile boolean tailCame;
  private @Nullable ResumeRule rule;
  private @Nullable Future<?> idle;
  private volatile long length;
  private long gapBytes = SEGMENT_BYTES;
  private boolean firstRuns;
  private boolean closed;
  private boolean unsolicited;
  private int running;
  private int runningInOrder;

  /** What a reader waits for. */
  private record Want(long position, long end) {}

  Segments(Fill fill, FillQueue queue, FillIntake intake) {
    this.fill = fill;
    this.queue = queue;
    this.intake = intake;
    this.threshold = fill.services().segmentThreshold();
    this.lanes = fill.order().request().remote().parallelSegments();
    this.policy = fill.order().request().remote().completePartial();
    this.completing = fill.order().asked() instanceof RangeRequest.Whole;
  }

  /** The part that is asked for first, where that is not the whole; null for the whole. */
  FetchRequest.@Nullable Part opening() {
    if (fill.order().request().isConditional()) {
      return null;
    }
    if (fill.order().asked() instanceof RangeRequest.Span(long first, long last)
        && (first >= threshold || policy == CompletePartial.NEVER)
        && first < Long.MAX_VALUE - SEGMENT_BYTES) {
      long end = last == Long.MAX_VALUE ? last : last + 1;
      return new FetchRequest.Part(first, stepEnd(first, end), null);
    }
    return lanes > 1 ? new FetchRequest.Part(0, SEGMENT_BYTES, null) : null;
  }

  /** A step that brings what is wanted, and not much less than is worth a request. */
  private static long stepEnd(long first, long wanted) {
    return Math.min(first + SEGMENT_BYTES, Math.max(wanted, first + SEGMENT_BYTES_MIN));
  }

  /**
   * The body is known, and comes in order by the first fetch. Called before anybody can open the
   * file: who opens it says what it wants.
   */
  void begin(HeadRule.Store store, FetchHead whole) {
    firstRuns = true;
    rule = ResumeRule.ofParts(fill.order().request(), whole, store);
    length = whole.contentLength();
    able = rule != null && length > threshold;
  }

  /**
   * The body is known, and a part of it comes by that fetch; the sink for the rest of it. Null, and
   * nothing happened, where nothing vouches for parts.
   */
  @Nullable FetchSink begin(
      HeadRule.Store store, FetchHead whole, FetchRequest.Part part, FetchFlow source) {
    ResumeRule known = ResumeRule.ofParts(fill.order().request(), whole, store);
    boolean isAll = part.firstByte() == 0 && part.end() >= whole.contentLength();
    if (known == null && !isAll) {
      return null;
    }
    rule = known == null ? new ResumeRule(fill.order().request(), whole, store) : known;
    length = whole.contentLength();
    able = length > threshold;
    if (!able) {
      // Too short for anything but all of it.
      completing = true;
    }
    Segment first = new Segment(part.firstByte(), Math.min(part.end(), length));
    first.comes();
    parts.add(first);
    inOrder = completing;
    return run(first, first.start(), completing && first.start() == 0).adopt(source);
  }

  /** The staged file is open. */
  void stagedFileOpened() {
    parts.forEach(part -> {
      SegmentFetch fetch = part.running();
      if (fetch != null) {
        fetch.stagedFileOpened();
      }
    });
    if (able && policy == CompletePartial.ALWAYS) {
      complete();
    }
    if (able && fill.readerCount() == 0) {
      // Who left before the body was known could not be missed then.
      rest();
    }
    fillGaps();
  }

  /** The parts of the body that are there, or asked for. Threading: anywhere. */
  SegmentMap parts() {
    return parts;
  }

  /** Length of the body. */
  long length() {
    return length;
  }

  EventLoop home() {
    return intake.home();
  }

  ResumeRule rule() {
    ResumeRule known = rule;
    assert known != null;
    return known;
  }

  /** The last byte is there, and nothing came behind it. Threading: on the fill thread. */
  void tailCame() {
    tailCame = true;
  }

  /** Whether the upstream has ended where it said. Threading: anywhere. */
  boolean hasTail() {
    return tailCame;
  }

  /** Whether a reader at that byte would wait long for it. Threading: anywhere. */
  boolean isFar(long position) {
    return able && isAhead(position) && !isComing(position);
  }

  /**
   * Where the next step should begin for a reader that has come so far; -1 while that is not close.
   * Threading: anywhere.
   */
  long nextStep(long position) {
    boolean ahead = able && parts.count() > 0 && isAhead(position);
    Segment part = ahead ? parts.at(position) : null;
    if (part == null || !part.covers(position)) {
      return -1;
    }
    long next = part.claimedTo();
    return next < length && next - position <= SEGMENT_BYTES / 2 && isFar(next) ? next : -1;
  }

  /** Whether what comes in order is far from that byte, or does not come. */
  private boolean isAhead(long position) {
    return position - fill.frontier() >= (inOrder ? threshold : 0);
  }

  /** Whether somebody brings that byte soon. */
  private boolean isComing(long position) {
    Segment part = parts.at(position);
    return part != null
        && part.covers(position)
        && position - part.writtenTo() < Math.max(threshold, SEGMENT_BYTES);
  }

  /** A reader waits there, and wants what lies before {@code end}. Threading: anywhere. */
  void want(FillCursor cursor, long position, long end) {
    home()
        .execute(() -> {
          if (able && !closed) {
            wants.put(cursor, new Want(position, end));
            serveWants();
          }
        });
  }

  /** The reader has left. Threading: anywhere. */
  void forget(FillCursor cursor) {
    home().execute(() -> wants.remove(cursor));
  }

  /**
   * A reader wants that part in the end. Threading: anywhere.
   *
   * @param provenOnly whether it has to wait for the proof of the whole
   */
  void asked(long first, long end, boolean provenOnly) {
    if (able && !completing) {
      home().execute(() -> count(first, Math.min(end, length), provenOnly));
    }
  }

  private void count(long first, long end, boolean provenOnly) {
    asked.add(first, end);
    boolean held = !fill.head().expected().isEmpty() && end > length - HOLD_BACK_BYTES;
    boolean whole =
        switch (policy) {
          case ALWAYS -> true;
          case AUTO -> asked.bytes() > length / 2;
          case NEVER -> asked.bytes() == length;
        };
    if (whole || held || provenOnly || asked.count() > SEGMENTS_MAX) {
      complete();
    }
  }

  /** The whole is wanted. */
  private void complete() {
    if (!completing && !closed) {
      completing = true;
      inOrder = true;
      fillGaps();
    }
  }

  /** The last reader has left. Threading: anywhere. */
  void nobodyReads() {
    if (able && !completing) {
      home().execute(this::rest);
    }
  }

  /** Ends what nobody reads: after a moment, for the next range may be asked for just now. */
  private void rest() {
    if (!completing && !closed && fill.readerCount() == 0) {
      stopTimer();
      idle = home().schedule(this::leave, PARTIAL_GRACE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void leave() {
    if (completing || closed || fill.readerCount() > 0) {
      return;
    }
    long came = intake.came();
    boolean near = came > length / 2 || length - came <= SEGMENT_BYTES;
    if (firstRuns && near && policy != CompletePartial.NEVER) {
      // Most of the way is behind it.
      complete();
      return;
    }
    if (firstRuns) {
      intake.leaveToSegments();
    }
    stopTimer();
    idle = home().schedule(fill::dropUnread, PARTIAL_IDLE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void stopTimer() {
    Future<?> before = idle;
    if (before != null) {
      before.cancel(false);
    }
  }

  /** Whether it only waits for somebody to ask for more of it. Threading: anywhere. */
  boolean isResting() {
    return able && !completing && !inOrder;
  }

  /** The fetch in order has ended before the end of the body. */
  void firstEnded() {
    firstRuns = false;
    able = true;
    inOrder = completing;
    step();
    // Who was near has nobody now that comes near.
    fill.wakeReaders();
  }

  private void step() {
    serveWants();
    fillGaps();
    endIfWhole();
  }

  private void serveWants() {
    wants.values().removeIf(want -> want.position() < reached());
    // A copy: a fetch that cannot be started clears them. Kept, for a claim may be taken back.
    for (Want want : List.copyOf(wants.values())) {
      long first = want.position();
      boolean waits = able && !isComing(first) && !isFirstNear(first);
      if (waits && running < SEGMENT_FETCHES_MAX) {
        claim(first, stepEnd(first, want.end()), false);
      }
    }
  }

  /** Whether the fetch in order comes there soon. */
  private boolean isFirstNear(long position) {
    long came = intake.came();
    return firstRuns && position < intake.limit() && position - came < threshold;
  }

  private long reached() {
    return Math.max(fill.frontier(), intake.came());
  }

  private void fillGaps() {
    while (completing && !firstRuns && !closed && runningInOrder < lanes && rule != null) {
      long gap = firstGap();
      if (gap >= length) {
        return;
      }
      claim(gap, gap + gapBytes, true);
      if (lanes == 1) {
        // Each costs a request, and perhaps a redirect: soon a large body needs few of them.
        gapBytes = Math.min(2 * gapBytes, GAP_BYTES_MAX);
      }
    }
  }

  /** The first byte that nobody has asked for; the length for none. */
  private long firstGap() {
    return parts.unclaimedFrom(reached());
  }

  private void claim(long first, long wanted, boolean asGap) {
    long end = Math.min(Math.min(wanted, length), parts.startAfter(first));
    Segment before = parts.at(first);
    if (before != null && before.covers(first)) {
      // By a long step that comes there late: from here on it is ours.
      SegmentFetch late = before.running();
      if (late == null || late.at() >= first) {
        return;
      }
      end = Math.min(end, before.claimedTo());
      late.endAt(first);
      before.claim(first);
    }
    boolean touches = before != null && before.claimedTo() == first && before.running() == null;
    if (before != null && touches) {
      before.claim(end);
      run(before, first, asGap).start();
    } else if (parts.count() < SEGMENTS_MAX || asGap) {
      Segment target = new Segment(first, end);
      parts.add(target);
      run(target, first, asGap).start();
    } else {
      complete();
    }
  }

  private SegmentFetch run(Segment target, long first, boolean asGap) {
    SegmentFetch fetch = new SegmentFetch(this, target, first, asGap, fill, queue);
    target.running(fetch);
    running++;
    if (asGap) {
      runningInOrder++;
    }
    return fetch;
  }

  /** The upstream has begun to send what that fetch asked for. */
  void comes(SegmentFetch fetch) {
    Segment part = fetch.segment();
    if (part.isComing()) {
      return;
    }
    if (part.start() < intake.came()) {
      // The fetch in order was faster.
      fetch.close();
      ended(fetch);
      parts.remove(part);
      step();
      fill.wakeReaders();
      return;
    }
    part.comes();
    if (firstRuns) {
      limitFirst();
    }
  }

  private void limitFirst() {
    intake.limit(parts.comingFrom(intake.came()));
  }

  private void ended(SegmentFetch fetch) {
    fetch.segment().running(null);
    running--;
    if (fetch.isInOrder()) {
      runningInOrder--;
    }
  }

  /** All that was asked for has come, and is in the queue. */
  void finished(SegmentFetch fetch, BodyEnd end) {
    ended(fetch);
    unsolicited |= end == BodyEnd.LENGTH_MET_UNSOLICITED;
    if (fetch.segment().claimedTo() == length) {
      queue.offer(new FillQueue.Entry.TailCame());
    }
    parts.join(fill.frontier());
    step();
  }

  /** There will be no more by that fetch. */
  void failed(SegmentFetch fetch, FillFailure failure) {
    ended(fetch);
    Segment part = fetch.segment();
    part.claim(fetch.at());
    if (part.claimedTo() == part.start()) {
      parts.remove(part);
    }
    if (firstRuns && !isLie(failure.reason())) {
      // Who waits far ahead waits for the whole, as if there were no parts. What came of this one
      // is
      // compared with what comes in order.
      able = false;
      wants.clear();
      part.comesNot();
      limitFirst();
      complete();
    } else if (!closed) {
      intake.breakOff(failure);
    }
  }

  /** Whether the upstream's ends are not to be believed, so that nothing it sent is. */
  private static boolean isLie(FetchFailure reason) {
    return switch (reason) {
      case EXTRA_BYTES, LENGTH_MISMATCH, BAD_MESSAGE -> true;
      default -> false;
    };
  }

  private void endIfWhole() {
    if (!firstRuns && !closed && running == 0 && rule != null && firstGap() >= length) {
      closed = true;
      able = false;
      stopTimer();
      intake.allCame(unsolicited ? BodyEnd.LENGTH_MET_UNSOLICITED : BodyEnd.LENGTH_MET);
    }
  }

  /** Ends all fetches. Harmless a second time. */
  void close() {
    closed = true;
    able = false;
    wants.clear();
    stopTimer();
    parts.forEach(part -> {
      SegmentFetch fetch = part.running();
      if (fetch != null) {
        fetch.close();
      }
    });
  }
}
