package dev.millrace.bench.rig;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * The upstream of a measurement: a child JVM that sends bodies by {@code sendfile} from one random
 * file. What it can send is told at {@link BodySpec}; {@code /stats} says what it has sent, {@code
 * /stats/reset} begins anew. Bodies whose digest was prepared are blobs of a registry, too: {@code
 * /v2/<name>/blobs/sha256:<hex>}.
 *
 * <p>Arguments: the base file, its bytes, the number of loops. It says its port, then answers each
 * path it is told by the SHA-256 of that body in hex, which it remembers.
 *
 * <p>Threading: thread-safe parts shared by its loops.
 */
public final class BenchOrigin {
  private BenchOrigin() {}

  /** Runs until standard input ends. */
  public static void main(String[] args) throws IOException, InterruptedException {
    BaseBody base = BaseBody.create(Path.of(args[0]), Integer.parseInt(args[1]));
    OriginStats.Counter stats = new OriginStats.Counter();
    OriginDigests digests = new OriginDigests(base);
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(Integer.parseInt(args[2]), EpollIoHandler.newFactory());
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new OriginHandler(base, stats, digests));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    ParentPipe parent = new ParentPipe();
    parent.say(String.valueOf(((InetSocketAddress) server.localAddress()).getPort()));
    parent.serve(digests::prepare);
    System.exit(0);
  }
}
