package dev.millrace.origin;

import dev.millrace.server.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * A relay on loopback that adds a {@link Distance}. A connection costs a round trip before its
 * first byte passes, as that of TCP does. There is no rate, no loss and no bound to what waits, so
 * it is for bodies of some mebibytes.
 *
 * <p>Threading: confined to one loop; opened and closed by another thread.
 *
 * <p>Ownership: holds what is under way.
 */
final class DelayRelay implements AutoCloseable {
  private static final int BACKLOG = 1024;

  private final Channel door;

  /** Opens one in front of an origin. */
  DelayRelay(Transports transport, EventLoop loop, Distance distance, InetSocketAddress origin) {
    this.door =
        new ServerBootstrap()
            .group(loop)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel client) {
                    connect(transport, client, distance, origin);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  private static void connect(
      Transports transport, Channel client, Distance distance, InetSocketAddress origin) {
    long connectedNanos = System.nanoTime() + 2 * distance.oneWay().toNanos();
    new Bootstrap()
        .group(client.eventLoop())
        .channel(transport.channel())
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel server) {
                server.pipeline().addLast(new Line(client, distance, connectedNanos));
                client.pipeline().addLast(new Line(server, distance, connectedNanos));
              }
            })
        .connect(origin)
        .addListener(connected -> {
          if (connected.isSuccess()) {
            client.config().setAutoRead(true);
          } else {
            client.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
          }
        });
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return (InetSocketAddress) door.localAddress();
  }

  @Override
  public void close() {
    door.close().syncUninterruptibly();
  }

  /** One direction of one connection. */
  private static final class Line extends ChannelInboundHandlerAdapter {
    private final Channel to;
    private final long oneWayNanos;
    private final long connectedNanos;
    private final boolean bounded;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    private final ArrayDeque<ByteBuf> underWay = new ArrayDeque<>();
    private int windowBytes;
    private int flightBytes;
    private boolean closed;

    Line(Channel to, Distance distance, long connectedNanos) {
      this.to = to;
      this.oneWayNanos = distance.oneWay().toNanos();
      this.connectedNanos = connectedNanos;
      this.windowBytes = distance.windowBytes();
      this.bounded = windowBytes != Distance.UNBOUNDED;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      waiting.addLast((ByteBuf) message);
      depart();
    }

    private void depart() {
      while (!waiting.isEmpty() && flightBytes < windowBytes) {
        ByteBuf first = waiting.getFirst();
        int bytes = Math.min(first.readableBytes(), windowBytes - flightBytes);
        flightBytes += bounded ? bytes : 0;
        underWay.addLast(first.readRetainedSlice(bytes));
        if (!first.isReadable()) {
          waiting.removeFirst().release();
        }
        long wait = Math.max(0, connectedNanos - System.nanoTime());
        later(this::arrive, wait + oneWayNanos);
      }
    }

    /** Whichever timer it is, what departed first arrives first. */
    private void arrive() {
      if (closed) {
        return;
      }
      ByteBuf piece = underWay.removeFirst();
      int bytes = piece.readableBytes();
      to.writeAndFlush(piece).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      if (bounded) {
        later(() -> acknowledge(bytes), oneWayNanos);
      }
    }

    private void acknowledge(int bytes) {
      if (!closed) {
        flightBytes -= bytes;
        windowBytes += bytes;
        depart();
      }
    }

    private void later(Runnable step, long nanos) {
      to.eventLoop()
          .schedule(step, nanos, TimeUnit.NANOSECONDS)
          .addListener(ran -> {
            if (!ran.isSuccess()) {
              to.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            }
          });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      to.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      closed = true;
      waiting.forEach(ByteBuf::release);
      waiting.clear();
      underWay.forEach(ByteBuf::release);
      underWay.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // A side that resets ends both.
      ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }
}
