package dev.millrace.origin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/**
 * One body on one stream.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class StreamBody extends ChannelInboundHandlerAdapter {
  private final Batch batch;
  private final Http2Headers request;
  private final Runnable next;
  private long received;
  private boolean ended;

  /**
   * A body.
   *
   * @param request is sent as it is, and not changed
   * @param next is called after the end
   */
  StreamBody(Batch batch, Http2Headers request, Runnable next) {
    this.batch = batch;
    this.request = request;
    this.next = next;
  }

  /** The same fields as in HTTP/1.1. */
  static Http2Headers request(String authority, long bytes) {
    return new DefaultHttp2Headers()
        .method(HttpMethod.GET.asciiName())
        .scheme("https")
        .authority(authority)
        .path(TlsOrigin.path(bytes))
        .set(HttpHeaderNames.ACCEPT, "*/*")
        .set(HttpHeaderNames.ACCEPT_ENCODING, "identity")
        .set(HttpHeaderNames.USER_AGENT, TlsOrigin.USER_AGENT);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(new DefaultHttp2HeadersFrame(request, true))
        .addListener(written -> {
          if (!written.isSuccess()) {
            batch.failed(written.cause());
          }
        });
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    switch (message) {
      case Http2DataFrame data -> {
        ended = data.isEndStream();
        received += BodyClient.discard(data.content());
      }
      case Http2HeadersFrame head -> {
        ended = head.isEndStream();
        if (!HttpResponseStatus.OK.codeAsText().contentEquals(head.headers().status())) {
          batch.failed(new IOException("status " + head.headers().status()));
        }
      }
      default -> {
        ReferenceCountUtil.release(message);
        batch.failed(new IOException("unexpected " + message.getClass()));
      }
    }
    if (ended) {
      batch.ended(received);
      next.run();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!ended) {
      batch.failed(new IOException("the stream was closed"));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    batch.failed(cause);
  }
}
