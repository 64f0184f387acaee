package dev.millrace.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A connection over the limit: answered 503 without being read as a request, then closed.
 *
 * <p>What the client sends is thrown away for a moment, so that a reset over unread bytes does not
 * take the answer from it (RFC 9112 §9.6).
 *
 * <p>Threading: confined to the connection's loop.
 */
final class TurnedAway extends ChannelInboundHandlerAdapter {
  private static final long LINGER_MILLIS = 500;

  private static final byte[] ANSWER =
      String.join(
              "\r\n",
              "HTTP/1.1 503 Service Unavailable",
              "Content-Length: 0",
              "Retry-After: 1",
              "Connection: close",
              "\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
        .addListener(written -> {
          if (written.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
          } else {
            ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
          }
        });
    ctx.executor()
        .schedule(
            () -> {
              ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            },
            LINGER_MILLIS,
            TimeUnit.MILLISECONDS)
        .addListener(task -> {
          assert task.cause() == null : task.cause();
        });
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }
}
