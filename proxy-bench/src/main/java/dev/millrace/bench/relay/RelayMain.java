package dev.millrace.bench.relay;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Runs a reference relay.
 *
 * <p>Arguments: the design, its port, the port of the upstream, a folder for temporary files. It
 * runs until it is ended by a signal.
 */
public final class RelayMain {
  private RelayMain() {}

  /** Runs. */
  public static void main(String[] args) throws InterruptedException {
    RelayDesign design = RelayDesign.valueOf(args[0]);
    int originPort = Integer.parseInt(args[2]);
    Path folder = Path.of(args[3]);
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());
    new ServerBootstrap()
        .group(loops)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 4096)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new HttpServerCodec())
                    .addLast(new RelayHandler(design, originPort, folder));
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])))
        .sync()
        .channel()
        .closeFuture()
        .sync();
  }
}
