package dev.millrace.fill;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Segment}s of a body, by their first byte; they do not overlap.
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Threading: replaced on the fill's loop, looked at anywhere.
 */
final class SegmentMap {
  private static final Segment[] NONE = {};

  private volatile Segment[] parts = NONE;

  /** How many there are. */
  int count() {
    return parts.length;
  }

  /** Calls that for each, as they are now. */
  void forEach(Consumer<Segment> action) {
    for (Segment part : parts) {
      action.accept(part);
    }
  }

  /** The one that begins at that byte or before it, and nearest to it. */
  @Nullable Segment at(long position) {
    return at(parts, position);
  }

  private static @Nullable Segment at(Segment[] parts, long position) {
    int index = indexAt(parts, position);
    return index < 0 ? null : parts[index];
  }

  private static int indexAt(Segment[] parts, long position) {
    int low = 0;
    int high = parts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (parts[middle].start() <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Where the first begins that begins behind that byte; {@link Long#MAX_VALUE} for none. */
  long startAfter(long position) {
    Segment[] now = parts;
    int next = indexAt(now, position) + 1;
    return next < now.length ? now[next].start() : Long.MAX_VALUE;
  }

  /** Where the first begins behind that byte of which there is something in the file. */
  long writtenAfter(long position) {
    for (Segment part : parts) {
      if (part.start() > position && part.writtenTo() > part.start()) {
        return part.start();
      }
    }
    return Long.MAX_VALUE;
  }

  /** Where the first begins, at that byte or behind it, that the upstream has begun to send. */
  long comingFrom(long position) {
    for (Segment part : parts) {
      if (part.isComing() && part.start() >= position) {
        return part.start();
      }
    }
    return Long.MAX_VALUE;
  }

  /** The end of the bytes in the file from that one on; itself for none. */
  long writtenTo(long position) {
    Segment part = at(position);
    return part == null ? position : Math.max(position, part.writtenTo());
  }

  /** How far a beginning goes with what lies behind it. */
  long following(long frontier) {
    long end = frontier;
    for (Segment part : parts) {
      if (part.start() <= end && part.writtenTo() > end) {
        end = part.writtenTo();
      }
    }
    return end;
  }

  /** The first byte from that one on that nobody has asked for. */
  long unclaimedFrom(long position) {
    long at = position;
    for (Segment part : parts) {
      if (part.start() > at) {
        return at;
      }
      at = Math.max(at, part.claimedTo());
    }
    return at;
  }

  /** Adds one. Threading: on the loop. */
  void add(Segment part) {
    Segment[] now = parts;
    Segment[] more = Arrays.copyOf(now, now.length + 1);
    int at = indexAt(now, part.start()) + 1;
    System.arraycopy(now, at, more, at + 1, now.length - at);
    more[at] = part;
    parts = more;
  }

  /** Takes one out. Threading: on the loop. */
  void remove(Segment part) {
    parts = Arrays.stream(parts).filter(other -> other != part).toArray(Segment[]::new);
  }

  /**
   * Forgets what the beginning has reached, and joins what touches, as far as it is whole.
   * Threading: on the loop.
   */
  void join(long frontier) {
    Segment[] now = parts;
    Segment[] kept = new Segment[now.length];
    int count = 0;
    for (Segment part : now) {
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
    if (count < now.length) {
      parts = Arrays.copyOf(kept, count);
    }
  }
}
