package dev.millrace.origin;

import dev.millrace.server.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The way to the origin, as the {@link Dialer} opens it: tap of reads, then TLS; no read by itself.
 *
 * @param transport of the loops
 * @param loops the client's
 * @param tls offers exactly one protocol by ALPN
 * @param address of the origin, or of the relay in front of it
 * @param handshakes counts those of TLS
 */
record Wire(
    Transports transport,
    EventLoopGroup loops,
    SslContext tls,
    InetSocketAddress address,
    AtomicLong handshakes) {

  /**
   * Connects; done, on the loop of the channel, when TLS stands and the protocol is agreed on.
   *
   * @param agreed completes the pipeline at that moment, for the origin may speak first
   */
  Future<Channel> dial(String protocol, ReadMeter meter, Consumer<Channel> agreed) {
    EventLoop loop = loops.next();
    Promise<Channel> dialed = loop.newPromise();
    new Bootstrap()
        .group(loop)
        .channel(transport.channel())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.config().setRecvByteBufAllocator(meter);
                SslHandler session =
                    tls.newHandler(channel.alloc(), address.getHostString(), address.getPort());
                channel.pipeline().addLast("meter", meter).addLast("tls", session);
                session
                    .handshakeFuture()
                    .addListener(shaken -> {
                      if (!shaken.isSuccess()) {
                        dialed.tryFailure(shaken.cause());
                      } else if (!protocol.equals(session.applicationProtocol())) {
                        dialed.tryFailure(new IOException("the origin does not offer " + protocol));
                      } else {
                        handshakes.incrementAndGet();
                        agreed.accept(channel);
                        dialed.trySuccess(channel);
                      }
                    });
              }
            })
        .connect(address)
        .addListener(connected -> {
          if (!connected.isSuccess()) {
            dialed.tryFailure(connected.cause());
          }
        });
    return dialed;
  }
}
