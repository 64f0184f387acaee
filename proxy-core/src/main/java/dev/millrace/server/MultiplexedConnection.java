package dev.millrace.server;

import static dev.millrace.config.Limits.STREAMS_MAX;

import dev.millrace.config.ServerLimits;
import dev.millrace.exchange.Exchanges;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection by HTTP/2 (RFC 9113): any number of requests at once, each a {@link
 * StreamHandler}.
 *
 * <p>Limits: {@code Limits.STREAMS_MAX} streams at once; as many streams of all connections
 * together as {@code limits.connections}, one more is answered 503. A connection without a stream
 * is closed after {@code limits.keep_alive_timeout}. Floods of resets, settings, pings, empty
 * frames and continuations end the connection by the limits of Netty's codec. While the client
 * leaves answers in our buffers nothing more is read, see {@link ReadPause}.
 *
 * <p>Threading: confined to its loop; {@link #drain} hops.
 */
final class MultiplexedConnection extends ChannelInboundHandlerAdapter {
  private static final long LINGER_MILLIS = 2_000;
  private static final long NO_LIMIT = -1;

  private final Exchanges exchanges;
  private final ServerLimits limits;
  private final DateField date;
  private final FileDelivery delivery;
  private final AtomicInteger streams;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> idle;
  private int active;

  /**
   * A connection.
   *
   * @param streams those of all connections, counted
   */
  MultiplexedConnection(
      Exchanges exchanges,
      ServerLimits limits,
      DateField date,
      FileDelivery delivery,
      AtomicInteger streams) {
    this.exchanges = exchanges;
    this.limits = limits;
    this.date = date;
    this.delivery = delivery;
    this.streams = streams;
  }

  /** Adds its handlers behind those of TLS. */
  void install(ChannelPipeline pipeline) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(STREAMS_MAX)
                    .maxHeaderListSize(limits.requestHeadBytes()))
            // Each stream has limits of its own, and a drain has one for all.
            .gracefulShutdownTimeoutMillis(NO_LIMIT)
            .build();
    Http2Connection connection = codec.connection();
    // By default streams that share a connection get 1 KiB each in turn, and so frames of 1 KiB.
    UniformStreamByteDistributor shares = new UniformStreamByteDistributor(connection);
    shares.minAllocationChunk(Http2CodecUtil.DEFAULT_MAX_FRAME_SIZE);
    connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, shares));
    StreamWindows windows = new StreamWindows(connection);
    pipeline
        .addLast("pause", new ReadPause(exchanges, limits))
        .addLast("http2", codec)
        .addLast("streams", new Http2MultiplexHandler(new Streams(windows)))
        .addLast("connection", this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    waitForStream();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // Frames of the connection, which the codec has acted upon.
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    stopWaiting();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    exchanges.connectionFailed(cause);
    if (cause instanceof Http2Exception) {
      // The codec says goodbye with the reason.
      resetSoon(ctx);
    } else {
      Aborts.reset(ctx.channel());
    }
  }

  /** Takes no further stream, and ends the connection after the last one; from any thread. */
  void drain(Channel channel) {
    channel.eventLoop().execute(() -> channel.close().addListener(ignored -> stopWaiting()));
  }

  private void opened() {
    active++;
    stopWaiting();
  }

  private void ended() {
    active--;
    streams.decrementAndGet();
    waitForStream();
  }

  private void stopWaiting() {
    Future<?> pending = idle;
    idle = null;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  private void waitForStream() {
    ChannelHandlerContext ctx = context;
    if (active == 0 && ctx != null && ctx.channel().isActive()) {
      stopWaiting();
      idle =
          ctx.executor()
              .schedule(
                  () -> leave(ctx), limits.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Says goodbye, and does not wait long for the client to hear it. */
  private void leave(ChannelHandlerContext ctx) {
    ctx.channel().close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    resetSoon(ctx);
  }

  private void resetSoon(ChannelHandlerContext ctx) {
    stopWaiting();
    idle =
        ctx.executor()
            .schedule(() -> Aborts.reset(ctx.channel()), LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Sets a stream up, or refuses it. */
  private final class Streams extends ChannelInitializer<Channel> {
    private final StreamWindows windows;

    Streams(StreamWindows windows) {
      this.windows = windows;
    }

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    protected void initChannel(Channel stream) {
      boolean over = streams.incrementAndGet() > limits.connections();
      opened();
      stream.closeFuture().addListener(closed -> ended());
      stream
          .pipeline()
          .addLast(new StreamHandler(exchanges, limits, date, delivery, windows, over));
    }
  }
}
