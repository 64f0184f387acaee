package dev.millrace.server;

import dev.millrace.exchange.Exchanges;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import java.util.function.BiConsumer;

/**
 * Waits for the handshake, which settles the protocol (ALPN, RFC 7301); a client that names none
 * speaks HTTP/1.1.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class Negotiation extends ApplicationProtocolNegotiationHandler {
  private final Exchanges exchanges;
  private final BiConsumer<ChannelHandlerContext, Boolean> begin;

  /** Calls {@code begin} with whether the protocol is HTTP/2; it adds the handlers. */
  Negotiation(Exchanges exchanges, BiConsumer<ChannelHandlerContext, Boolean> begin) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.exchanges = exchanges;
    this.begin = begin;
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
    begin.accept(ctx, protocol.equals(ApplicationProtocolNames.HTTP_2));
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
    exchanges.connectionFailed(cause);
    Aborts.reset(ctx.channel());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    exchanges.connectionFailed(cause);
    Aborts.reset(ctx.channel());
  }
}
