package dev.millrace.bench.rig;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/**
 * One direct buffer that every read of a loop goes into: what is received is thrown away before the
 * next read.
 *
 * <p>Threading: confined to one event loop.
 *
 * <p>Ownership: the buffer lives as long as the process; a reader releases its own hold.
 */
final class ReusedBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int READS_AT_ONCE = 4;

  private final ByteBuf shared;
  private int mostBytes;

  /** Reads of at most that many bytes. */
  ReusedBuffer(ByteBuf shared) {
    super(READS_AT_ONCE);
    this.shared = shared;
    this.mostBytes = shared.capacity();
  }

  /** A buffer to share. */
  static ByteBuf allocate(int bytes) {
    return Unpooled.directBuffer(bytes, bytes);
  }

  /** Bounds the reads from now on. */
  void limit(int bytes) {
    mostBytes = Math.min(bytes, shared.capacity());
  }

  @Override
  public RecvByteBufAllocator.ExtendedHandle newHandle() {
    return new Reads();
  }

  /** Hands the buffer out. */
  private final class Reads extends MaxMessageHandle {
    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return shared.retainedSlice(0, mostBytes).setIndex(0, 0);
    }

    @Override
    public int guess() {
      return mostBytes;
    }
  }
}
