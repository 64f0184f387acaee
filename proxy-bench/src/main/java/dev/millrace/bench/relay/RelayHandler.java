package dev.millrace.bench.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One client connection of a relay, with an upstream connection of its own on the same loop.
 *
 * <p>Threading: confined to that loop.
 */
final class RelayHandler extends ChannelInboundHandlerAdapter {
  private static final int READ_BYTES = 128 << 10;
  private static final int CHUNK_BYTES = 1 << 20;

  private final RelayDesign design;
  private final int originPort;
  private final Path folder;
  private @Nullable Channel upstream;
  private @Nullable RelayBody body;

  RelayHandler(RelayDesign design, int originPort, Path folder) {
    this.design = design;
    this.originPort = originPort;
    this.folder = folder;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
    try {
      if (message instanceof HttpRequest request) {
        ask(ctx, request);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void ask(ChannelHandlerContext ctx, HttpRequest request) throws IOException {
    if (request.uri().equals("/ready")) {
      var ready = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      ready.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
      ctx.writeAndFlush(ready).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    body = design.body(ctx.channel(), folder);
    Channel kept = upstream;
    if (kept != null && kept.isActive()) {
      send(kept, request.uri());
      return;
    }
    String uri = request.uri();
    new Bootstrap()
        .group(ctx.channel().eventLoop())
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new HttpClientCodec(4096, 65536, CHUNK_BYTES))
                    .addLast(new Upstream(ctx));
              }
            })
        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), originPort))
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (connected.isSuccess()) {
                    upstream = connected.channel();
                    send(connected.channel(), uri);
                  } else {
                    ctx.close().addListener(ChannelFutureListener.CLOSE);
                  }
                });
  }

  private static void send(Channel channel, String uri) {
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, uri);
    request.headers().set(HttpHeaderNames.HOST, "127.0.0.1");
    channel.writeAndFlush(request).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Channel kept = upstream;
    if (kept != null) {
      kept.close().addListener(ChannelFutureListener.CLOSE);
    }
    endBody();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close().addListener(ChannelFutureListener.CLOSE);
  }

  private void endBody() {
    RelayBody left = body;
    body = null;
    if (left != null) {
      left.close();
    }
  }

  /** The upstream's side. */
  private final class Upstream extends ChannelInboundHandlerAdapter {
    private final ChannelHandlerContext client;

    Upstream(ChannelHandlerContext client) {
      this.client = client;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
      try {
        RelayBody running = body;
        if (running == null) {
          return;
        }
        if (message instanceof HttpResponse head) {
          running.head(head);
        }
        if (message instanceof HttpContent content && content.content().isReadable()) {
          running.piece(content.content());
        }
        if (message instanceof LastHttpContent) {
          body = null;
          running.end();
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (body != null) {
        client.close().addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      client.close().addListener(ChannelFutureListener.CLOSE);
    }
  }
}
