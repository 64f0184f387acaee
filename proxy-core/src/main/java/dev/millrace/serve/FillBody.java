package dev.millrace.serve;

import static dev.millrace.config.Limits.REGION_BYTES_MAX;

import dev.millrace.fill.Fill;
import dev.millrace.fill.FillCursor;

/**
 * Sends a span of a live fill, following its frontier.
 *
 * <p>Threading: confined to the client's event loop.
 *
 * <p>Ownership: takes over the cursor and closes it at the end or when the client leaves.
 *
 * <p>Errors: a failed fill is told to the listener as broken, never as complete; one whose disk
 * failed as diverted.
 */
public final class FillBody {
  private final Responder responder;
  private final Fill fill;
  private final FillCursor cursor;
  private final long end;
  private final Listener listener;

  // Made once: a step comes with every piece of the body.
  private final Runnable next = this::next;
  private final Runnable changed = this::changed;
  private boolean closed;

  /** Who hears how the body ended. */
  public interface Listener extends BodyListener {
    /** What lies before that position was sent, and no more comes into the file. */
    void diverted(long position);
  }

  /**
   * A body, not begun, from the cursor's position to before {@code end}, or to the fill's own end
   * if that is first.
   */
  public FillBody(Responder responder, Fill fill, FillCursor cursor, long end, Listener listener) {
    this.responder = responder;
    this.fill = fill;
    this.cursor = cursor;
    this.end = end;
    this.listener = listener;
    responder.whenGone(this::close);
  }

  /** Begins to send. */
  public void start() {
    next();
  }

  private void next() {
    if (closed) {
      return;
    }
    if (cursor.position() >= end) {
      close();
      listener.complete();
      return;
    }
    switch (cursor.look()) {
      case BYTES -> send();
      case NOTHING_YET -> {
        // What is written leaves now, the head above all: bytes may be long in coming.
        responder.flush();
        if (!cursor.awaitChange(changed)) {
          // The change came while we armed. Not by recursion: a fast fill could make it deep.
          responder.execute(next);
        }
      }
      case END -> {
        close();
        listener.complete();
      }
      case FAILED -> {
        close();
        listener.broken(fill.failure().reason());
      }
      case DIVERTED -> {
        close();
        listener.diverted(cursor.position());
      }
    }
  }

  private void changed() {
    responder.run(next);
  }

  private void send() {
    long from = cursor.position();
    long count = Math.min(Math.min(REGION_BYTES_MAX, cursor.availableBytes()), end - from);
    cursor.advance(count);
    responder.file(cursor.file(), from, count, next);
  }

  private void close() {
    if (!closed) {
      closed = true;
      cursor.close();
    }
  }
}
