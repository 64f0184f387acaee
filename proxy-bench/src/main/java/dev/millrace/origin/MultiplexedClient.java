package dev.millrace.origin;

import dev.millrace.config.Limits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 by one connection, a stream for each body; the socket is read in the same pieces as in
 * HTTP/1.1.
 *
 * <p>Limits: windows of {@link #STREAM_WINDOW_BYTES} and {@link #CONNECTION_WINDOW_BYTES}.
 *
 * <p>Threading: as its interface says.
 */
final class MultiplexedClient implements BodyClient {
  /** Window of a stream. */
  static final int STREAM_WINDOW_BYTES = 1 << 20;

  /** Window of the connection. */
  static final int CONNECTION_WINDOW_BYTES = 16 << 20;

  private final Wire wire;
  private final ReadMeter meter = new ReadMeter();
  private @Nullable Future<Channel> dialed;

  MultiplexedClient(Wire wire) {
    this.wire = wire;
  }

  @Override
  public void begin(Batch batch) {
    Future<Channel> connection =
        dialed == null ? wire.dial(ApplicationProtocolNames.HTTP_2, meter, this::complete) : dialed;
    dialed = connection;
    connection.addListener(done -> {
      if (!done.isSuccess()) {
        batch.failed(done.cause());
        return;
      }
      StreamBodies bodies = new StreamBodies(connection.getNow(), batch, authority());
      for (int i = 0; i < batch.atOnce(); i++) {
        bodies.next();
      }
    });
  }

  private String authority() {
    return wire.address().getHostString() + ":" + wire.address().getPort();
  }

  private void complete(Channel channel) {
    channel
        .pipeline()
        .addLast(
            "http2",
            Http2FrameCodecBuilder.forClient()
                .initialSettings(
                    Http2Settings.defaultSettings()
                        .pushEnabled(false)
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxHeaderListSize(Limits.ORIGIN_HEAD_BYTES))
                .build())
        .addLast("streams", new Http2MultiplexHandler(new Refusal()))
        .addLast("reads", new Reads());
    channel
        .writeAndFlush(
            new DefaultHttp2WindowUpdateFrame(
                CONNECTION_WINDOW_BYTES - Http2CodecUtil.DEFAULT_WINDOW_SIZE))
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    meter.allow(Limits.READ_BUFFER_BYTES);
    channel.read();
  }

  @Override
  public void close() {
    if (dialed != null) {
      Channel channel = dialed.awaitUninterruptibly().getNow();
      if (channel != null) {
        channel.close().syncUninterruptibly();
      }
    }
  }

  /** Streams of the origin's are not wanted. */
  private static final class Refusal extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws IOException {
      throw new IOException("a stream that the origin opened");
    }
  }

  /** Asks for the next read when the last one was looked at: the windows bound what can come. */
  private final class Reads extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      // Frames of the connection, which the codec has acted upon.
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      meter.allow(Limits.READ_BUFFER_BYTES);
      ctx.channel().read();
    }
  }

  /** Opens the streams of one batch. Threading: confined to the connection's loop. */
  private static final class StreamBodies {
    private final Batch batch;
    private final Http2StreamChannelBootstrap streams;
    private final Http2Headers request;

    StreamBodies(Channel connection, Batch batch, String authority) {
      this.batch = batch;
      this.streams = new Http2StreamChannelBootstrap(connection);
      this.request = StreamBody.request(authority, batch.bodyBytes());
    }

    /** Begins with the next body, if there is one. */
    void next() {
      if (!batch.take()) {
        return;
      }
      StreamBody body = new StreamBody(batch, request, this::next);
      streams
          .handler(body)
          .open()
          .addListener(opened -> {
            if (!opened.isSuccess()) {
              batch.failed(opened.cause());
            }
          });
    }
  }
}
