package dev.millrace.server;

import static dev.millrace.config.Limits.TLS_SILENT_BYTES_MAX;

import dev.millrace.exchange.Exchanges;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import javax.net.ssl.SSLException;

/**
 * Ends a connection whose client sends records of TLS and nothing in them: key updates, each of
 * which asks for an answer, handshakes, empty records. Stands in front of TLS and counts what
 * comes, {@link #behind} it begins anew with each byte of a request.
 *
 * <p>BoringSSL has bounds of its own, lower ones; the JDK has none.
 *
 * <p>Limits: {@code Limits.TLS_SILENT_BYTES_MAX}.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class TlsSilence extends ChannelInboundHandlerAdapter {
  private final Exchanges exchanges;
  private long silentBytes;

  TlsSilence(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    silentBytes += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    // First, since one read may bring more than that, all of it requests.
    ctx.fireChannelRead(message);
    if (silentBytes > TLS_SILENT_BYTES_MAX && ctx.channel().isActive()) {
      exchanges.connectionFailed(new SSLException("records of TLS and nothing in them"));
      Aborts.reset(ctx.channel());
    }
  }

  /** The handler behind TLS. */
  ChannelHandler behind() {
    return new Heard();
  }

  private final class Heard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      silentBytes = 0;
      ctx.fireChannelRead(message);
    }
  }
}
