package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.exchange.Exchanges;
import dev.millrace.serve.ClientRequest;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream of an HTTP/2 connection: one request and its answer, and the watch over how fast the
 * client takes it.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class StreamHandler extends ChannelInboundHandlerAdapter implements Http2Responder.Listener {
  private final Exchanges exchanges;
  private final ServerLimits limits;
  private final DateField date;
  private final FileDelivery delivery;
  private final StreamWindows windows;
  private final ClientPace pace;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Http2Responder responder;
  private @Nullable Future<?> check;

  StreamHandler(
      Exchanges exchanges,
      ServerLimits limits,
      DateField date,
      FileDelivery delivery,
      StreamWindows windows) {
    this.exchanges = exchanges;
    this.limits = limits;
    this.date = date;
    this.delivery = delivery;
    this.windows = windows;
    this.pace = new ClientPace(limits);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof Http2HeadersFrame head && responder == null) {
      answer(ctx, Http2Head.read(head.headers(), head.isEndStream(), limits));
    } else {
      // Trailers, or a body that nothing here reads.
      boolean goesOn = message instanceof Http2DataFrame data && !data.isEndStream();
      ReferenceCountUtil.release(message);
      Http2Responder running = responder;
      if (goesOn && running != null && running.isOver()) {
        // The answer is whole, and the rest of the body is not wanted (RFC 9113 §8.1).
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR))
            .addListener(ChannelFutureListener.CLOSE);
      }
    }
  }

  private void answer(ChannelHandlerContext ctx, DecodedHead head) {
    DecodedHead.Request request =
        switch (head) {
          case DecodedHead.Request good -> good;
          case DecodedHead.Refused _ -> Refusals.unreadable();
        };
    FileReads reads = delivery.reads();
    assert reads != null : "HTTP/2 has no use for sendfile";
    Http2Responder opened = new Http2Responder(ctx, request, this, reads, delivery.partBytes());
    responder = opened;
    checkAt(pace.begin(now(ctx)));
    ClientRequest asked =
        new ClientRequest(
            request.method(), request.target(), request.headers(), address(ctx), now(ctx));
    switch (head) {
      case DecodedHead.Request good -> exchanges.begin(asked, opened, good.hasBody());
      case DecodedHead.Refused(var refusal) -> exchanges.refuse(asked, opened, refusal);
    }
  }

  private static String address(ChannelHandlerContext ctx) {
    SocketAddress peer = ctx.channel().remoteAddress();
    return peer instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "unknown";
  }

  @Override
  public String date() {
    return date.now();
  }

  @Override
  public StreamWindows windows() {
    return windows;
  }

  @Override
  public void responseFailed(Throwable cause) {
    exchanges.connectionFailed(cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Future<?> pending = check;
    if (pending != null) {
      pending.cancel(false);
    }
    Http2Responder running = responder;
    if (running != null) {
      running.gone();
    }
    windows.serve();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    exchanges.connectionFailed(cause);
    Http2Responder running = responder;
    if (running == null) {
      ctx.close().addListener(ChannelFutureListener.CLOSE);
    } else {
      running.fail();
    }
  }

  private void checkAt(long nanos) {
    ChannelHandlerContext ctx = context;
    if (ctx != null && ctx.channel().isActive()) {
      check = ctx.executor().schedule(this::check, nanos - now(ctx), TimeUnit.NANOSECONDS);
    }
  }

  private void check() {
    ChannelHandlerContext ctx = context;
    Http2Responder running = responder;
    if (ctx == null || running == null) {
      return;
    }
    if (running.isOver()) {
      // Answered, and its client has not ended its request since.
      ctx.close().addListener(ChannelFutureListener.CLOSE);
      return;
    }
    long next = pace.look(running.progress(), running.bodyBytesSent(), now(ctx));
    if (next == ClientPace.TOO_SLOW) {
      exchanges.clientTooSlow();
      running.fail();
    } else {
      checkAt(next);
    }
  }

  private static long now(ChannelHandlerContext ctx) {
    return ctx.executor().ticker().nanoTime();
  }
}
