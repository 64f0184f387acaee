package dev.millrace.server;

import static dev.millrace.config.Limits.TLS_SILENT_BYTES_MAX;
import static dev.millrace.config.Limits.TLS_UNSENT_RECORDS_MAX;

import dev.millrace.exchange.Exchanges;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import javax.net.ssl.SSLException;

/**
 * Ends a connection whose client sends records of TLS and nothing in them: key updates, each of
 * which asks for an answer, handshakes, empty records. Stands in front of TLS and counts what
 * comes, {@link #behind} it begins anew with each byte of a request. It ends as well the connection
 * of a client that makes TLS answer and does not take that.
 *
 * <p>BoringSSL has bounds of its own, lower ones; the JDK has none.
 *
 * <p>Limits: {@code Limits.TLS_SILENT_BYTES_MAX}, {@code Limits.TLS_UNSENT_RECORDS_MAX}.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class TlsSilence extends ChannelDuplexHandler {
  private final Exchanges exchanges;
  private long silentBytes;
  private int unsentRecords;

  TlsSilence(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    silentBytes += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    // First, since one read may bring more than that, all of it requests.
    ctx.fireChannelRead(message);
    if (!ctx.channel().isActive()) {
      return;
    }
    if (silentBytes > TLS_SILENT_BYTES_MAX) {
      end(ctx, "records of TLS and nothing in them");
    } else if (unsentRecords > TLS_UNSENT_RECORDS_MAX) {
      end(ctx, "records of TLS that the client makes us send and does not take");
    }
  }

  private void end(ChannelHandlerContext ctx, String why) {
    exchanges.connectionFailed(new SSLException(why));
    Aborts.reset(ctx.channel());
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    unsentRecords++;
    ctx.write(message, promise.unvoid()).addListener(sent -> unsentRecords--);
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
