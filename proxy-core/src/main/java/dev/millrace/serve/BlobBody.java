package dev.millrace.serve;

import static dev.millrace.config.Limits.REGION_BYTES_MAX;

import dev.millrace.storage.OpenFile;

/**
 * Sends a span of a stored blob, one region after the other.
 *
 * <p>Threading: confined to the client's event loop.
 *
 * <p>Ownership: takes over one lease of the file and gives it back at the end or in {@link #close}.
 */
public final class BlobBody {
  private final Responder responder;
  private final OpenFile file;
  private final BodyListener listener;
  private long position;
  private final long end;
  private boolean closed;

  /** A body, not begun, of the bytes from {@code position} to before {@code end}. */
  public BlobBody(
      Responder responder, OpenFile file, long position, long end, BodyListener listener) {
    this.responder = responder;
    this.file = file;
    this.position = position;
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
    if (position == end) {
      close();
      listener.complete();
      return;
    }
    long count = Math.min(REGION_BYTES_MAX, end - position);
    long from = position;
    position += count;
    responder.file(file, from, count, this::next);
  }

  private void close() {
    if (!closed) {
      closed = true;
      file.release();
    }
  }
}
