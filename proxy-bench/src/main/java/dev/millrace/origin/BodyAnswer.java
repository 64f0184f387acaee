package dev.millrace.origin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Answers one request after the other on a connection, or the one of a stream, while there is room.
 *
 * <p>Threading: confined to its channel's loop.
 *
 * <p>Ownership: sends slices of a content that is never released.
 */
final class BodyAnswer extends ChannelInboundHandlerAdapter {
  private static final int PIECE_BYTES = 64 << 10;

  private final Wording wording;
  private final ByteBuf content;
  private long left;

  BodyAnswer(Wording wording, ByteBuf content) {
    this.wording = wording;
    this.content = content;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    String target = wording.target(message);
    ReferenceCountUtil.release(message);
    if (target != null) {
      left = Long.parseLong(target, 1, target.length(), 10);
      write(ctx, wording.head(left));
      feed(ctx);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    feed(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  private void feed(ChannelHandlerContext ctx) {
    while (left > 0 && ctx.channel().isWritable()) {
      int bytes = (int) Math.min(left, PIECE_BYTES);
      int from = (int) (left % (content.capacity() - PIECE_BYTES));
      left -= bytes;
      write(ctx, wording.piece(content.slice(from, bytes), left == 0));
    }
    ctx.flush();
  }

  private static void write(ChannelHandlerContext ctx, Object message) {
    ctx.write(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The client sees what is missing.
    ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }
}
