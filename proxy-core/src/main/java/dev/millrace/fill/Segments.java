package dev.millrace.fill;

import static dev.millrace.config.Limits.HOLD_BACK_BYTES;
import static dev.millrace.config.Limits.PARTIAL_IDLE;
import static dev.millrace.config.Limits.SEGMENTS_MAX;
import static dev.millrace.config.Limits.SEGMENT_BYTES;
import static dev.millrace.config.Limits.SEGMENT_FETCHES_MAX;

import dev.millrace.artifact.RangeRequest;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
  private static final Segment[] NONE = {};

  private final Fill fill;
  private final FillQueue queue;
  private final FillIntake intake;
  private final long threshold;
  private final int lanes;
  private final Extents asked = new Extents();
  private final Map<FillCursor, Want> wants = new LinkedHashMap<>();
  // By start; replaced on the loop, read anywhere.
  private volatile Segment[] parts = NONE;
  private volatile boolean able;
  private volatile boolean completing;
  private volatile boolean inOrder = true;
  private volatile boolean tailCame;
  private @Nullable ResumeRule rule;
  private @Nullable Future<?> idle;
  private long length;
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
    this.completing = fill.order().asked() instanceof RangeRequest.Whole;
  }

  /** The part that is asked for first, where that is not the whole; null for the whole. */
  FetchRequest.@Nullable Part opening() {
    if (fill.order().request().isConditional()) {
      return null;
    }
    if (fill.order().asked() instanceof RangeRequest.Span(long first, long last)
        && first >= threshold) {
      long end = last == Long.MAX_VALUE ? last : last + 1;
      return new FetchRequest.Part(first, Math.min(end, first + SEGMENT_BYTES), null);
    }
    return lanes > 1 ? new FetchRequest.Part(0, SEGMENT_BYTES, null) : null;
  }

  /** The body is known, and comes in order by the first fetch. */
  void begin(ResumeRule known, long lengthBytes) {
    firstRuns = true;
    know(known, lengthBytes);
  }

  /** The body is known, and a part of it comes by that fetch; the sink for the rest of it. */
  FetchSink begin(ResumeRule known, long lengthBytes, FetchRequest.Part part, FetchFlow source) {
    know(known, lengthBytes);
    if (!able) {
      // Too short for anything but all of it.
      completing = true;
    }
    Segment first = new Segment(part.firstByte(), Math.min(part.end(), lengthBytes));
    first.comes();
    add(first);
    inOrder = completing;
    return run(first, first.start(), completing && first.start() == 0).adopt(source);
  }

  private void know(ResumeRule known, long lengthBytes) {
    rule = known;
    length = lengthBytes;
    able = lengthBytes > threshold && known.isNamed(1);
  }

  /** The staged file is open. */
  void stagedFileOpened() {
    for (Segment part : parts) {
      SegmentFetch fetch = part.running();
      if (fetch != null) {
        fetch.stagedFileOpened();
      }
    }
    fillGaps();
  }

  EventLoop home() {
    return intake.home();
  }

  ResumeRule rule() {
    ResumeRule known = rule;
    assert known != null;
    return known;
  }

  /** The end of the bytes in the file from that one on; itself for none. Threading: anywhere. */
  long writtenTo(long position) {
    for (Segment part : parts) {
      if (position >= part.start() && position < part.writtenTo()) {
        return part.writtenTo();
      }
    }
    return position;
  }

  /** How far a beginning goes, now that segments lie behind it. Threading: anywhere. */
  long following(long frontier) {
    long end = frontier;
    for (Segment part : parts) {
      if (part.start() <= end && part.writtenTo() > end) {
        end = part.writtenTo();
      }
    }
    return end;
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
    return able && position - fill.frontier() >= (inOrder ? threshold : 0) && !isClaimed(position);
  }

  /**
   * Where the next step should begin for a reader that has come so far; -1 while that is not close.
   * Threading: anywhere.
   */
  long nextStep(long position) {
    if (parts.length > 0 && able && position >= fill.frontier()) {
      for (Segment part : parts) {
        long next = part.claimedTo();
        if (part.covers(position) && next - position <= SEGMENT_BYTES / 2 && isFar(next)) {
          return next;
        }
      }
    }
    return -1;
  }

  private boolean isClaimed(long position) {
    for (Segment part : parts) {
      if (part.covers(position)) {
        return true;
      }
    }
    return false;
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
        switch (fill.order().request().remote().completePartial()) {
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

  private void rest() {
    if (completing || closed || fill.readerCount() > 0) {
      return;
    }
    long came = intake.came();
    if (firstRuns && (came > length / 2 || length - came <= SEGMENT_BYTES)) {
      // Most of the way is behind it.
      complete();
      return;
    }
    if (firstRuns) {
      intake.leaveToSegments();
    }
    Future<?> before = idle;
    if (before != null) {
      before.cancel(false);
    }
    idle = home().schedule(fill::dropUnread, PARTIAL_IDLE.toMillis(), TimeUnit.MILLISECONDS);
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
    for (Iterator<Map.Entry<FillCursor, Want>> each = wants.entrySet().iterator();
        each.hasNext() && !closed; ) {
      Map.Entry<FillCursor, Want> next = each.next();
      Want want = next.getValue();
      if (isClaimed(want.position()) || want.position() < reached()) {
        each.remove();
      } else if (!isFirstNear(want.position())) {
        if (running >= SEGMENT_FETCHES_MAX) {
          return;
        }
        each.remove();
        claim(want.position(), want.end(), false);
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
      if (gap < 0) {
        return;
      }
      claim(gap, Long.MAX_VALUE, true);
    }
  }

  /** The first byte that nobody has asked for; -1 for none. */
  private long firstGap() {
    long at = reached();
    for (Segment part : parts) {
      if (part.start() > at) {
        return at;
      }
      at = Math.max(at, part.claimedTo());
    }
    return at < length ? at : -1;
  }

  private void claim(long first, long wanted, boolean asGap) {
    long end = Math.min(Math.min(first + SEGMENT_BYTES, wanted), length);
    Segment target = null;
    for (Segment part : parts) {
      if (part.start() > first) {
        end = Math.min(end, part.start());
      } else if (part.claimedTo() == first && part.running() == null) {
        target = part;
      }
    }
    if (first >= end) {
      return;
    }
    if (target == null && parts.length >= SEGMENTS_MAX && !asGap) {
      complete();
      return;
    }
    if (target == null) {
      target = new Segment(first, end);
      add(target);
    } else {
      target.claim(end);
    }
    run(target, first, asGap).start();
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

  private void add(Segment part) {
    Segment[] more = Arrays.copyOf(parts, parts.length + 1);
    int at = parts.length;
    while (at > 0 && more[at - 1].start() > part.start()) {
      more[at] = more[at - 1];
      at--;
    }
    more[at] = part;
    parts = more;
  }

  private void remove(Segment part) {
    parts = Arrays.stream(parts).filter(other -> other != part).toArray(Segment[]::new);
  }

  /** The upstream has begun to send what that fetch asked for. */
  void comes(SegmentFetch fetch) {
    Segment part = fetch.segment();
    if (part.isComing()) {
      return;
    }
    if (firstRuns && part.start() < intake.came()) {
      // The fetch in order was faster.
      fetch.close();
      ended(fetch);
      remove(part);
      step();
      return;
    }
    part.comes();
    if (firstRuns) {
      limitFirst();
    }
  }

  private void limitFirst() {
    long limit = Long.MAX_VALUE;
    for (Segment part : parts) {
      if (part.isComing() && part.start() >= intake.came()) {
        limit = Math.min(limit, part.start());
      }
    }
    intake.limit(limit);
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
    join();
    step();
  }

  /** Forgets what the beginning has reached, and joins what touches, as far as it is written. */
  private void join() {
    long frontier = fill.frontier();
    Segment[] kept = new Segment[parts.length];
    int count = 0;
    for (Segment part : parts) {
      if (part.isWhole() && part.claimedTo() <= frontier) {
        continue;
      }
      Segment last = count == 0 ? null : kept[count - 1];
      if (last != null && last.isWhole() && part.isWhole() && last.claimedTo() == part.start()) {
        kept[count - 1] = Segment.joined(last, part);
      } else {
        kept[count++] = part;
      }
    }
    if (count < parts.length) {
      parts = Arrays.copyOf(kept, count);
    }
  }

  /** There will be no more by that fetch. */
  void failed(SegmentFetch fetch, FillFailure failure) {
    ended(fetch);
    Segment part = fetch.segment();
    part.claim(fetch.at());
    if (part.claimedTo() == part.start()) {
      remove(part);
    }
    if (firstRuns) {
      // Who waits far ahead waits for the whole, as if there were no parts.
      able = false;
      wants.clear();
      limitFirst();
      complete();
    } else if (!closed) {
      intake.breakOff(failure);
    }
  }

  private void endIfWhole() {
    if (!firstRuns && !closed && running == 0 && rule != null && firstGap() < 0) {
      closed = true;
      intake.allCame(unsolicited ? BodyEnd.LENGTH_MET_UNSOLICITED : BodyEnd.LENGTH_MET);
    }
  }

  /** Ends all fetches. Harmless a second time. */
  void close() {
    closed = true;
    able = false;
    wants.clear();
    Future<?> timer = idle;
    if (timer != null) {
      timer.cancel(false);
    }
    for (Segment part : parts) {
      SegmentFetch fetch = part.running();
      if (fetch != null) {
        fetch.close();
      }
    }
  }
}
