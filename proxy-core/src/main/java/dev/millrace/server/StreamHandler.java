package dev.millrace.server;

import dev.millrace.config.ServerLimits;
import dev.millrace.exchange.Exchanges;
import dev.millrace.observe.Refusal;
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
 * <p>A request may end later than its fields, in an empty frame (RFC 9113 §8.1): it is answered
 * when what follows has told whether there is a body, which nothing here reads.
 *
 * <p>Limits: {@code limits.header_read_timeout} from the fields to that.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class StreamHandler extends ChannelInboundHandlerAdapter implements Http2Responder.Listener {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Exchanges exchanges;
  private final ServerLimits limits;
  private final DateField date;
  private final FileDelivery delivery;
  private final StreamWindows windows;
  private final ClientPace pace;
  private final boolean refused;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Http2Responder responder;
  private @Nullable Future<?> timer;
  private boolean ended;

  /** The request while it is not known whether a body follows. */
  private DecodedHead.@Nullable Request unended;

  /**
   * The handler of one stream.
   *
   * @param refused whether there are more streams than there may be
   */
  StreamHandler(
      Exchanges exchanges,
      ServerLimits limits,
      DateField date,
      FileDelivery delivery,
      StreamWindows windows,
      boolean refused) {
    this.exchanges = exchanges;
    this.limits = limits;
    this.date = date;
    this.delivery = delivery;
    this.windows = windows;
    this.pace = new ClientPace(limits);
    this.refused = refused;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      switch (message) {
        case Http2HeadersFrame head when responder == null && unended == null -> begin(ctx, head);
        case Http2HeadersFrame trailers -> goOn(ctx, false, trailers.isEndStream());
        case Http2DataFrame data -> goOn(ctx, data.content().isReadable(), data.isEndStream());
        default -> {
          // The codec has acted upon it.
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext ctx, Http2HeadersFrame head) {
    ended = head.isEndStream();
    if (refused) {
      refuse(ctx, Refusals.unreadable(), Refusal.CONNECTIONS);
      return;
    }
    switch (Http2Head.read(head.headers(), ended, limits)) {
      case DecodedHead.Refused(var refusal) -> refuse(ctx, Refusals.unreadable(), refusal);
      case DecodedHead.Request request when ended || request.hasBody() ->
          answer(ctx, request, request.hasBody());
      case DecodedHead.Request request -> {
        unended = request;
        waitForEnd(ctx, request);
      }
    }
  }

  private void waitForEnd(ChannelHandlerContext ctx, DecodedHead.Request request) {
    long limit = limits.headerReadTimeout().toNanos();
    runIn(
        ctx,
        limit,
        () -> {
          if (ctx.channel().parent().config().isAutoRead()) {
            refuse(ctx, request, Refusal.HEAD_TIMEOUT);
          } else {
            // The end may have come: it is we that do not read, see ReadPause.
            waitForEnd(ctx, request);
          }
        });
  }

  /** More of the request: of its body, its trailers, or nothing but its end. */
  private void goOn(ChannelHandlerContext ctx, boolean hasContent, boolean ends) {
    ended |= ends;
    DecodedHead.Request request = unended;
    if (request != null && responder == null && (hasContent || ends)) {
      answer(ctx, request, hasContent);
    }
  }

  private void answer(ChannelHandlerContext ctx, DecodedHead.Request request, boolean hasBody) {
    Http2Responder opened = open(ctx, request);
    exchanges.begin(asked(ctx, request), opened, hasBody);
  }

  private void refuse(ChannelHandlerContext ctx, DecodedHead.Request request, Refusal refusal) {
    Http2Responder opened = open(ctx, request);
    exchanges.refuse(asked(ctx, request), opened, refusal);
  }

  private Http2Responder open(ChannelHandlerContext ctx, DecodedHead.Request request) {
    FileReads reads = delivery.reads();
    assert reads != null : "HTTP/2 has no use for sendfile";
    Http2Responder opened = new Http2Responder(ctx, request, this, reads, delivery.partBytes());
    responder = opened;
    checkAt(pace.begin(now(ctx)));
    return opened;
  }

  private static ClientRequest asked(ChannelHandlerContext ctx, DecodedHead.Request request) {
    // HTTP/2 is agreed on in the TLS handshake only.
    return new ClientRequest(
        request.method(), request.target(), request.headers(), address(ctx), true, now(ctx));
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

  /**
   * A client that has not ended its request by now is given a moment, since some take a reset for a
   * fault of the answer; then what it still sends is not wanted (RFC 9113 §8.1).
   */
  @Override
  public void answered() {
    ChannelHandlerContext ctx = context;
    if (!ended && ctx != null && ctx.channel().isActive()) {
      runIn(ctx, LINGER_NANOS, () -> drop(ctx));
    }
  }

  private static void drop(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void cancelTimer() {
    Future<?> pending = timer;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  @Override
  public void responseFailed(Throwable cause) {
    exchanges.connectionFailed(cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    cancelTimer();
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
      runIn(ctx, nanos - now(ctx), this::check);
    }
  }

  /** Runs a step after a time, and nothing that was to run before. */
  private void runIn(ChannelHandlerContext ctx, long nanos, Runnable step) {
    cancelTimer();
    Future<?> next = ctx.executor().schedule(step, nanos, TimeUnit.NANOSECONDS);
    timer = next;
    next.addListener(done -> {
      if (!done.isSuccess() && !done.isCancelled()) {
        exceptionCaught(ctx, done.cause());
      }
    });
  }

  private void check() {
    ChannelHandlerContext ctx = context;
    Http2Responder running = responder;
    if (ctx == null || running == null) {
      return;
    }
    if (running.isOver()) {
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
