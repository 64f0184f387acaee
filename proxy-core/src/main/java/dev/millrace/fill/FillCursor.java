package dev.millrace.fill;

import dev.millrace.storage.OpenFile;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One client's read position in a {@link Fill}.
 *
 * <p>Units: positions are bytes from the start of the body.
 *
 * <p>Threading: confined to the client's event loop; the fill talks to it by {@code execute}.
 *
 * <p>Ownership: holds one lease on the staged file from {@link Fill#open} to {@link #close}.
 *
 * <p>Errors: a failed fill never looks like the end of the body; see {@link Look}.
 */
public final class FillCursor {
  private final Fill fill;
  private final OpenFile file;
  private final EventLoop loop;
  private final long end;
  private final boolean provenOnly;
  private final Runnable wakeUp = this::wake;
  private long position;
  private long wantedAt = -1;
  private @Nullable Runnable waiter;
  private boolean armed;
  private boolean closed;

  /** What a reader sees in front of it. */
  public enum Look {
    /** Bytes can be read. */
    BYTES,
    /** Nothing yet; {@link #awaitChange} tells when to look again. */
    NOTHING_YET,
    /** The body ended here, whole and proven. */
    END,
    /** The fill failed; there will be no end. */
    FAILED,
    /** Nothing more comes into the file; see {@link Fill#diversion}. */
    DIVERTED
  }

  FillCursor(
      Fill fill, OpenFile file, EventLoop loop, long position, long end, boolean provenOnly) {
    this.fill = fill;
    this.file = file;
    this.loop = loop;
    this.position = position;
    this.end = end;
    this.provenOnly = provenOnly;
  }

  /** What lies in front of the position. */
  public Look look() {
    FillState state = fill.state();
    boolean readAll = state.isWhole() && position >= fill.frontier();
    if (fill.isSpoiled() && !readAll) {
      return Look.FAILED;
    }
    if (readableEnd() > position) {
      return Look.BYTES;
    }
    if (state == FillState.DIVERTED) {
      return Look.DIVERTED;
    }
    return readAll ? Look.END : Look.NOTHING_YET;
  }

  /** Bytes between the position and what may be read. */
  public long availableBytes() {
    return Math.max(0, readableEnd() - position);
  }

  private long readableEnd() {
    return provenOnly && !fill.state().isWhole() ? 0 : fill.readableEnd(position);
  }

  /** The read position. */
  public long position() {
    return position;
  }

  /** Moves on after bytes were sent. */
  public void advance(long bytes) {
    position += bytes;
    long next = fill.segments().nextStep(position);
    if (next >= 0 && next < end) {
      want(next);
    }
  }

  /** Asks for a fetch of what lies there: the one in order is far from it, or ended. */
  private void want(long first) {
    if (wantedAt != first) {
      wantedAt = first;
      fill.segments().want(this, first, end);
    }
  }

  /** The file to send from; retain it for each region. Ownership: not retained for the caller. */
  public OpenFile file() {
    return file;
  }

  /**
   * Calls {@code changed} once on the loop after the next change. Returns false, and calls nothing,
   * when there is something to see already.
   */
  public boolean awaitChange(Runnable changed) {
    assert loop.inEventLoop();
    waiter = changed;
    if (!armed) {
      armed = true;
      fill.await(loop, wakeUp);
    }
    // Looked at again after arming: the change may have come in between (see FillWakes).
    if (look() != Look.NOTHING_YET) {
      waiter = null;
      return false;
    }
    if (!provenOnly && fill.segments().isFar(position)) {
      want(position);
    }
    return true;
  }

  /** Gives the lease back. Threading: on the loop. */
  public void close() {
    if (!closed) {
      closed = true;
      waiter = null;
      if (armed) {
        fill.forget(loop, wakeUp);
      }
      if (wantedAt >= 0) {
        fill.segments().forget(this);
      }
      file.release();
    }
  }

  private void wake() {
    armed = false;
    Runnable changed = waiter;
    waiter = null;
    if (changed != null) {
      changed.run();
    }
  }
}
