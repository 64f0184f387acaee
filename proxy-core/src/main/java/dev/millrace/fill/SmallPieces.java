package dev.millrace.fill;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.config.Limits.SMALL_PIECE_BYTES;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * In front of a {@link FillQueue}: joins tiny chunks of one read, so that a hostile chunking costs
 * no object for each byte.
 *
 * <p>Threading: confined to the loop of the fill.
 *
 * <p>Ownership: holds at most one buffer, until {@link #flush}.
 */
final class SmallPieces {
  private final Consumer<ByteBuf> queue;
  private @Nullable ByteBuf held;
  private boolean heldIsWide;

  /** In front of what takes each joined piece over. */
  SmallPieces(Consumer<ByteBuf> queue) {
    this.queue = queue;
  }

  /** Queues a piece, or holds it back to join it with the next. Ownership: takes the piece. */
  void add(ByteBuf piece) {
    if (!piece.isReadable()) {
      piece.release();
    } else if (piece.readableBytes() >= SMALL_PIECE_BYTES) {
      flush();
      queue.accept(piece);
    } else {
      gather(piece);
    }
  }

  private void gather(ByteBuf piece) {
    ByteBuf before = held;
    if (before == null) {
      held = piece;
      return;
    }
    if (before.readableBytes() + piece.readableBytes() > READ_BUFFER_BYTES) {
      flush();
      held = piece;
      return;
    }
    if (!heldIsWide) {
      // As large as need be: a wide buffer for every two tiny chunks would multiply the queue.
      int together = before.readableBytes() + piece.readableBytes();
      ByteBuf wide = ByteBufAllocator.DEFAULT.directBuffer(together, READ_BUFFER_BYTES);
      wide.writeBytes(before);
      before.release();
      before = wide;
      held = wide;
      heldIsWide = true;
    }
    before.writeBytes(piece);
    piece.release();
  }

  /** Queues what is held back. */
  void flush() {
    ByteBuf last = held;
    if (last != null) {
      held = null;
      heldIsWide = false;
      queue.accept(last);
    }
  }
}
