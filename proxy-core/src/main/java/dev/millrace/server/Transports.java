package dev.millrace.server;

import dev.millrace.config.Settings;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * How sockets are driven on this machine.
 *
 * @param name for the log
 * @param ioHandler makes the loops' I/O handlers
 * @param serverChannel class of the listening channel
 * @param channel class of connections to upstreams
 * @param sendsFiles whether a part of a file can be given to a connection as it is ({@code
 *     sendfile}). Not on io_uring: Netty 4.2.18 cuts positions to 32 bits there, so that bytes from
 *     behind 2 GiB fail and from behind 4 GiB are those of the beginning
 * @param cork the option that holds back segments that are not full ({@code TCP_CORK}), if there is
 *     one
 * @param unsentLimit the option that bounds what the kernel takes before it can send it ({@code
 *     TCP_NOTSENT_LOWAT}), if there is one
 */
public record Transports(
    String name,
    IoHandlerFactory ioHandler,
    Class<? extends ServerSocketChannel> serverChannel,
    Class<? extends SocketChannel> channel,
    boolean sendsFiles,
    @Nullable ChannelOption<Boolean> cork,
    @Nullable ChannelOption<Long> unsentLimit) {

  /** The one that was asked for. Errors: unchecked, with the reason, when it does not load here. */
  public static Transports of(Settings.Transport wanted) {
    return switch (wanted) {
      case AUTO -> Epoll.isAvailable() ? epoll() : nio();
      case EPOLL -> {
        if (!Epoll.isAvailable()) {
          throw new IllegalStateException(
              "transport: epoll does not load", Epoll.unavailabilityCause());
        }
        yield epoll();
      }
      case IO_URING -> {
        if (!IoUring.isAvailable()) {
          throw new IllegalStateException(
              "transport: io_uring does not load", IoUring.unavailabilityCause());
        }
        yield new Transports(
            "io_uring",
            IoUringIoHandler.newFactory(),
            IoUringServerSocketChannel.class,
            IoUringSocketChannel.class,
            false,
            IoUringChannelOption.TCP_CORK,
            IoUringChannelOption.TCP_NOTSENT_LOWAT);
      }
      case NIO -> nio();
    };
  }

  private static Transports epoll() {
    return new Transports(
        "epoll",
        EpollIoHandler.newFactory(),
        EpollServerSocketChannel.class,
        EpollSocketChannel.class,
        true,
        EpollChannelOption.TCP_CORK,
        EpollChannelOption.TCP_NOTSENT_LOWAT);
  }

  private static Transports nio() {
    return new Transports(
        "nio",
        NioIoHandler.newFactory(),
        NioServerSocketChannel.class,
        NioSocketChannel.class,
        true,
        null,
        null);
  }
}
