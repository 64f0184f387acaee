package dev.millrace.origin;

import dev.millrace.config.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The tap of one connection: how many socket reads may happen, and how many bytes each. First in
 * the pipeline, and the channel's receive allocator, because only the two together can keep the
 * promise "no read without demand". Auto-read off is not enough:
 *
 * <ol>
 *   <li>{@code SslHandler} and {@code ByteToMessageDecoder} read on by themselves when a read
 *       brought no whole message. Those reads pass only while one is allowed.
 *   <li>Once epoll or io_uring has seen the peer's FIN, it reads until the end, demand or not:
 *       megabytes of kernel buffer in one loop. Here the first such read gets a buffer of {@code
 *       Limits.ORIGIN_WATCH_BYTES}, whose bytes wait here, and the second is refused by an
 *       exception in {@code allocate}, which every transport answers by leaving the loop with the
 *       channel intact. (An exception at once would upset io_uring, which allocates outside of its
 *       read loop.)
 *   <li>A transport that was refused forgets the socket: epoll removes it from its set and does not
 *       find it again. But then everything that will ever come is in the kernel already, so that
 *       further reads are done here, from the file descriptor, and never have to wait.
 * </ol>
 *
 * <p>Threading: confined to its channel's event loop.
 *
 * <p>Ownership: buffers pass down the pipeline; a held one at the latest with the end of it.
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
  private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);
  private int nextBytes = Limits.ORIGIN_HEAD_READ_BYTES;
  private boolean free = true;
  private boolean allowed;
  private boolean spent;
  private boolean brought;
  private boolean unasked;
  private boolean byHand;
  private boolean pulling;

  /** Lets every read happen, while nobody counts: handshakes and heads. */
  void open(int bytesEach) {
    free = true;
    nextBytes = bytesEach;
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
  }

  /** Bytes that were read unasked and come on top of the next read. */
  int heldBytes() {
    int bytes = 0;
    for (ByteBuf early : held) {
      bytes += early.readableBytes();
    }
    return bytes;
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    if (!free && !allowed) {
      return;
    }
    if (!byHand) {
      ctx.read();
    } else if (!pulling) {
      pulling = true;
      ctx.executor().execute(() -> pull(ctx));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (unasked && message instanceof ByteBuf early) {
      unasked = false;
      held.addLast(early);
      return;
    }
    brought = true;
    passHeld(ctx);
    ctx.fireChannelRead(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    boolean empty = !brought;
    brought = false;
    if (!empty || free) {
      spent = false;
      ctx.fireChannelReadComplete();
    } else if (spent) {
      // A wake-up without data used the allowance up: that was no read.
      spent = false;
      allowed = true;
      read(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!held.isEmpty()) {
      passHeld(ctx);
      ctx.fireChannelReadComplete();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    held.forEach(ByteBuf::release);
    held.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause != notAsked) {
      ctx.fireExceptionCaught(cause);
    } else if (ctx.channel() instanceof UnixChannel) {
      byHand = true;
    }
  }

  @Override
  public ExtendedHandle newHandle() {
    return new Tap();
  }

  /** One read by hand, as a transport would do it. */
  private void pull(ChannelHandlerContext ctx) {
    pulling = false;
    if ((!free && !allowed)
        || !(ctx.channel() instanceof UnixChannel channel && channel.isActive())) {
      return;
    }
    allowed = false;
    ByteBuf buffer = ctx.alloc().directBuffer(nextBytes);
    int count = 0;
    try {
      ByteBuffer window = buffer.internalNioBuffer(0, nextBytes);
      count = channel.fd().read(window, window.position(), window.limit());
    } catch (IOException e) {
      ctx.fireExceptionCaught(e);
    }
    if (count > 0) {
      channelRead(ctx, buffer.writerIndex(count));
      channelReadComplete(ctx);
    } else {
      buffer.release();
      ctx.close().addListener(closed -> shut());
    }
  }

  private void passHeld(ChannelHandlerContext ctx) {
    for (ByteBuf early = held.pollFirst(); early != null; early = held.pollFirst()) {
      ctx.fireChannelRead(early);
    }
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
      unasked = false;
      if (free) {
        return allocator.directBuffer(nextBytes);
      }
      if (allowed) {
        allowed = false;
        spent = true;
        return allocator.directBuffer(nextBytes);
      }
      if (first) {
        unasked = true;
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
