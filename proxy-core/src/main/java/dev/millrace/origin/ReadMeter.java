package dev.millrace.origin;

import dev.millrace.config.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;

/**
 * The tap of one connection: how many socket reads may happen, and how many bytes each. First in
 * the pipeline, and the channel's receive allocator, because only the two together can keep the
 * promise "no read without demand".
 *
 * <p>Why auto-read off is not enough:
 *
 * <ol>
 *   <li>Once epoll or io_uring has seen the peer's FIN, it reads until the end, demand or not: some
 *       megabytes of kernel buffer in one loop. Here the first such read gets a buffer of {@code
 *       Limits.ORIGIN_WATCH_BYTES}, and the next is refused by an exception in {@code allocate},
 *       which every transport answers by leaving the loop with the channel intact. The rest stays
 *       in the kernel until it is asked for.
 *   <li>A reset connection reports its error in every round of the loop as long as nobody reads.
 *       After {@code Limits.ORIGIN_UNASKED_READS_MAX} refused rounds it is given up.
 *   <li>{@code SslHandler} and {@code ByteToMessageDecoder} read on by themselves when a read
 *       brought no whole message. Those reads pass only while one is allowed.
 * </ol>
 *
 * <p>Threading: confined to its channel's event loop.
 *
 * <p>Ownership: buffers pass down the pipeline.
 */
@SuppressWarnings("deprecation") // newHandle() can only be declared with the old type of handle
final class ReadMeter extends ChannelDuplexHandler implements RecvByteBufAllocator {
  /** Thrown in place of a buffer; has no stack, so that refusing costs nothing. */
  private static final class NotAsked extends RuntimeException {
    private static final long serialVersionUID = 1;

    private NotAsked() {
      super("no read was asked for", null, false, false);
    }
  }

  private final NotAsked notAsked = new NotAsked();
  private int nextBytes = Limits.ORIGIN_HEAD_READ_BYTES;
  private boolean free = true;
  private boolean allowed;
  private boolean spent;
  private boolean brought;
  private int unasked;

  /** Lets every read happen, while nobody counts: handshakes and heads. */
  void open(int bytesEach) {
    free = true;
    nextBytes = bytesEach;
    unasked = 0;
  }

  /** Lets no read happen until {@link #allow}. */
  void shut() {
    free = false;
    allowed = false;
  }

  /** Lets one read happen; the caller asks the channel for it. */
  void allow(int bytes) {
    free = false;
    allowed = true;
    nextBytes = bytes;
    unasked = 0;
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    if (free || allowed) {
      ctx.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    brought = true;
    ctx.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    boolean empty = !brought;
    brought = false;
    if (empty && !free) {
      // A wake-up without data used the allowance up, or the read was never asked for: not a read.
      if (spent) {
        spent = false;
        allowed = true;
        ctx.read();
      }
      return;
    }
    spent = false;
    ctx.fireChannelReadComplete();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause != notAsked) {
      ctx.fireExceptionCaught(cause);
    } else if (unasked > Limits.ORIGIN_UNASKED_READS_MAX) {
      ctx.fireExceptionCaught(new IOException("connection reset while it was not read"));
    }
  }

  @Override
  public ExtendedHandle newHandle() {
    return new Tap();
  }

  /**
   * The allocator side: one buffer for one read, and never a second read in one wake-up by itself.
   */
  private final class Tap implements ExtendedHandle {
    private int reads;
    private int attemptedBytes;
    private int lastBytes;

    @Override
    public void reset(ChannelConfig config) {
      reads = 0;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      boolean first = reads++ == 0;
      if (free) {
        return allocator.directBuffer(nextBytes);
      }
      if (allowed) {
        allowed = false;
        spent = true;
        return allocator.directBuffer(nextBytes);
      }
      if (first) {
        unasked++;
        return allocator.directBuffer(Limits.ORIGIN_WATCH_BYTES);
      }
      throw notAsked;
    }

    @Override
    public int guess() {
      return nextBytes;
    }

    @Override
    public void incMessagesRead(int count) {
      // One read is one message: there is nothing to count.
    }

    @Override
    public void lastBytesRead(int bytes) {
      lastBytes = bytes;
    }

    @Override
    public int lastBytesRead() {
      return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
      return attemptedBytes;
    }

    @Override
    public boolean continueReading() {
      return false;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return false;
    }

    @Override
    public void readComplete() {
      // Sizes do not depend on what was read.
    }
  }
}
