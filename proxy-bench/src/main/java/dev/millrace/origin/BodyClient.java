package dev.millrace.origin;

import io.netty.buffer.ByteBuf;

/**
 * Fetches bodies from one origin in one protocol and throws them away; what it connected stays open
 * for the next batch.
 *
 * <p>Threading: for one thread, and one batch at a time; the work is done on the client's loops.
 */
interface BodyClient extends AutoCloseable {
  /** Begins to fetch; the batch hears how it goes. */
  void begin(Batch batch);

  /** Closes what is open, and waits for it. */
  @Override
  void close();

  /** Length of a body that is thrown away. Ownership: takes it. */
  static int discard(ByteBuf piece) {
    int bytes = piece.readableBytes();
    piece.release();
    return bytes;
  }
}
