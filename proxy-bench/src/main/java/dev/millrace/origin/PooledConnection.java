package dev.millrace.origin;

import static java.util.Objects.requireNonNull;

import dev.millrace.config.Limits;
import dev.millrace.origin.ResponseDecoder.Defect;
import dev.millrace.origin.ResponseDecoder.Head;
import dev.millrace.origin.ResponseDecoder.Mark;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/1.1: one body after the other, read as {@link OriginConnection} and {@link
 * Exchange} do, a small read for the head, then reads of {@code Limits.READ_BUFFER_BYTES} on
 * demand.
 *
 * <p>Threading: confined to its loop, except {@link #fetch} and {@link #close}.
 */
final class PooledConnection extends ChannelInboundHandlerAdapter {
  private final ReadMeter meter = new ReadMeter();
  private final ResponseDecoder decoder = new ResponseDecoder();
  private final String authority;
  private final Future<Channel> dialed;
  private @Nullable Batch batch;
  private byte[] request = {};
  private long received;
  private boolean ended;

  /** Dials. */
  PooledConnection(Wire wire) {
    this.authority = wire.address().getHostString() + ":" + wire.address().getPort();
    this.dialed =
        wire.dial(
            ApplicationProtocolNames.HTTP_1_1,
            meter,
            channel -> channel.pipeline().addLast("decoder", decoder).addLast("connection", this));
  }

  /** Fetches of a batch until nothing is left to take, once it is connected. */
  void fetch(Batch next) {
    dialed.addListener(done -> {
      if (done.isSuccess()) {
        batch = next;
        request = request(next.bodyBytes());
        send();
      } else {
        next.failed(done.cause());
      }
    });
  }

  private byte[] request(long bytes) {
    return """
    GET %s HTTP/1.1\r
    Host: %s\r
    Accept: */*\r
    Accept-Encoding: identity\r
    User-Agent: %s\r
    \r
    """
        .formatted(TlsOrigin.path(bytes), authority, TlsOrigin.USER_AGENT)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private void send() {
    Batch current = requireNonNull(batch);
    if (!current.take()) {
      batch = null;
      return;
    }
    Channel channel = dialed.getNow();
    received = 0;
    ended = false;
    decoder.expect(false);
    meter.open(Limits.ORIGIN_HEAD_READ_BYTES);
    channel
        .writeAndFlush(channel.alloc().directBuffer(request.length).writeBytes(request))
        .addListener(written -> {
          if (!written.isSuccess()) {
            current.failed(written.cause());
          }
        });
    channel.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    switch (message) {
      case ByteBuf piece -> received += BodyClient.discard(piece);
      case Head head -> {
        if (!head.response().status().equals(HttpResponseStatus.OK)) {
          fail(new IOException("status " + head.response().status()));
        }
        meter.shut();
      }
      case Mark mark -> ended = mark == Mark.END;
      case Defect defect -> fail(new IOException(defect.detail()));
      default -> throw new IllegalStateException("unexpected " + message.getClass());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Batch current = batch;
    if (current == null) {
      return;
    }
    if (ended) {
      current.ended(received);
      send();
    } else {
      meter.allow(Limits.READ_BUFFER_BYTES);
      ctx.channel().read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new IOException("the origin closed the connection"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
  }

  private void fail(Throwable cause) {
    if (batch != null) {
      batch.failed(cause);
    }
  }

  /** Closes it; done when nothing of it is left. */
  void close() {
    Channel channel = dialed.awaitUninterruptibly().getNow();
    if (channel != null) {
      channel.close().syncUninterruptibly();
    }
  }
}
