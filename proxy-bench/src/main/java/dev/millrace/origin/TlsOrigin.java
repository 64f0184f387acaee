package dev.millrace.origin;

import dev.millrace.server.Transports;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.WeightedFairQueueByteDistributor;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import javax.net.ssl.SSLException;

/**
 * An origin on loopback that offers HTTP/2 and HTTP/1.1 by ALPN and answers {@code /N} by N bytes.
 * Its certificate is of P-256, issued by an authority of its own.
 *
 * <p>Limits: 100 streams at once, frames of 16 KiB, as origins have them by default.
 *
 * <p>Threading: thread-safe; answers on its loops.
 */
final class TlsOrigin implements AutoCloseable {
  /** What clients call themselves. */
  static final String USER_AGENT = "millrace/benchmark";

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final int STREAMS_MAX = 100;
  private static final int BACKLOG = 1024;
  private static final int CONTENT_BYTES = 1 << 20;

  private final X509Bundle authority;
  private final SslContext tls;
  private final ByteBuf content;
  private final Channel door;

  private TlsOrigin(
      Transports transport, EventLoopGroup loops, X509Bundle authority, SslContext tls) {
    this.authority = authority;
    this.tls = tls;
    byte[] bytes = new byte[CONTENT_BYTES];
    new Random(1).nextBytes(bytes);
    // The collector frees it: what is on its way when the origin ends may still be read.
    this.content =
        Unpooled.unreleasableBuffer(
            Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(CONTENT_BYTES).put(bytes).flip()));
    this.door =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(tls.newHandler(channel.alloc()))
                        .addLast(new Negotiation());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  /** Opens it. Errors: no certificate can be made. */
  static TlsOrigin start(Transports transport, EventLoopGroup loops) throws IOException {
    try {
      X509Bundle authority =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=benchmark authority")
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
      X509Bundle leaf =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=benchmark origin")
              .addSanIpAddress(InetAddress.getLoopbackAddress().getHostAddress())
              .buildIssuedBy(authority);
      SslContext tls =
          SslContextBuilder.forServer(leaf.getKeyPair().getPrivate(), leaf.getCertificatePath())
              .sslProvider(provider())
              .protocols(PROTOCOLS)
              .applicationProtocolConfig(
                  offer(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
              .build();
      return new TlsOrigin(transport, loops, authority, tls);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("no certificate", e);
    }
  }

  /** The target of a body. */
  static String path(long bytes) {
    return "/" + bytes;
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return (InetSocketAddress) door.localAddress();
  }

  /**
   * What a client needs that has never been here: no session is remembered. The settings are those
   * of {@link TlsContexts}. Ownership: the caller releases it.
   */
  SslContext clientContext(String protocol) throws SSLException {
    return SslContextBuilder.forClient()
        .sslProvider(provider())
        .protocols(PROTOCOLS)
        .endpointIdentificationAlgorithm("HTTPS")
        .trustManager(authority.getCertificate())
        .applicationProtocolConfig(offer(protocol))
        .build();
  }

  private static SslProvider provider() {
    return OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }

  private static ApplicationProtocolConfig offer(String... protocols) {
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }

  @Override
  public void close() {
    door.close().syncUninterruptibly();
    ReferenceCountUtil.release(tls);
  }

  /**
   * Makes a codec that fills its frames. Netty's own gives a stream that shares its connection a
   * kibibyte at a time, and so makes frames of that size; other servers do not.
   */
  private static final class WholeFrames extends Http2FrameCodecBuilder {
    WholeFrames() {
      Http2Connection connection = new DefaultHttp2Connection(true);
      WeightedFairQueueByteDistributor shares = new WeightedFairQueueByteDistributor(connection);
      shares.allocationQuantum(Http2CodecUtil.DEFAULT_MAX_FRAME_SIZE);
      connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, shares));
      connection(connection);
      gracefulShutdownTimeoutMillis(0);
    }
  }

  /** Sets a connection up when its protocol is known. */
  private final class Negotiation extends ApplicationProtocolNegotiationHandler {
    Negotiation() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      ChannelPipeline pipeline = ctx.pipeline();
      if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        pipeline.addLast(new HttpServerCodec(), new BodyAnswer(Wording.HTTP_1, content));
        return;
      }
      pipeline.addLast(
          new WholeFrames()
              .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(STREAMS_MAX))
              .build(),
          new Http2MultiplexHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel stream) {
                  stream.pipeline().addLast(new BodyAnswer(Wording.HTTP_2, content));
                }
              }));
    }
  }
}
