package dev.millrace.it.rig;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback that lets each connection break in its own way.
 *
 * <p>Limits: passes one piece of 64 KiB at a time, so that what it holds stays small.
 *
 * <p>Threading: one loop of its own; the methods may be called from any thread.
 */
public final class FaultProxy implements AutoCloseable {
  private static final long MILLIS = 1_000;

  /** Longer than any limit that a test waits for. */
  private static final long SILENT_SECONDS_MAX = 30;

  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("fault-proxy", true), NioIoHandler.newFactory());
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder faults = new LongAdder();
  private final InetSocketAddress target;
  private final int port;
  private volatile IntFunction<Weather> forecast = number -> Weather.CLEAR;
  private volatile @Nullable Channel listener;

  private FaultProxy(int targetPort) {
    target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
    Channel bound = bind(0);
    listener = bound;
    port = ((InetSocketAddress) bound.localAddress()).getPort();
  }

  /** Starts one in front of a port. */
  public static FaultProxy before(int targetPort) {
    return new FaultProxy(targetPort);
  }

  private Channel bind(int wanted) {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel client) {
                accept(client);
              }
            })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted))
        .syncUninterruptibly()
        .channel();
  }

  /** Where it listens. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Says what becomes of each further connection, by its number from 1 on. */
  public void weather(IntFunction<Weather> next) {
    forecast = next;
  }

  /** The same for all of them. */
  public void weather(Weather always) {
    weather(number -> always);
  }

  /** Connections so far. */
  public int connections() {
    return connections.get();
  }

  /** Connections broken and bits turned so far. */
  public long faults() {
    return faults.sum();
  }

  /** Refuses every further connection. */
  public void down() {
    Channel bound = listener;
    listener = null;
    if (bound != null) {
      bound.close().syncUninterruptibly();
    }
  }

  /** Accepts connections again. */
  public void up() {
    listener = bind(port);
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void accept(SocketChannel client) {
    Weather weather = forecast.apply(connections.incrementAndGet());
    new Bootstrap()
        .group(client.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new Down(client, weather))
        .connect(target)
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (connected.isSuccess()) {
                    client.pipeline().addLast(new Up(connected.channel()));
                    client.read();
                  } else {
                    end(client.close());
                  }
                });
  }

  /** Whatever became of it, the connection is done for. */
  private static void end(ChannelFuture ending) {
    assert ending.channel() != null;
  }

  private static void closeWhenSent(Channel channel) {
    if (channel.isActive()) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Whether the client has left altogether cannot be seen any more: some time later it has. */
  private static void forget(Channel client, Channel server) {
    var ignored =
        client
            .eventLoop()
            .schedule(
                () -> {
                  end(client.close());
                  end(server.close());
                },
                SILENT_SECONDS_MAX,
                TimeUnit.SECONDS);
  }

  /** From the client to the server: as it comes. */
  private static final class Up extends ChannelInboundHandlerAdapter {
    private final Channel server;

    Up(Channel server) {
      this.server = server;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object piece) {
      server
          .writeAndFlush(piece)
          .addListener(written -> {
            if (written.isSuccess()) {
              ctx.read();
            } else {
              end(ctx.close());
            }
          });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      closeWhenSent(server);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // The client has shut its side: nothing more comes, and its other half is the server's.
      forget(ctx.channel(), server);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      end(ctx.close());
    }
  }

  /** From the server to the client, through the weather. */
  private final class Down extends ChannelInboundHandlerAdapter {
    private final SocketChannel client;
    private final Weather weather;
    private long passed;
    private boolean broken;

    Down(SocketChannel client, Weather weather) {
      this.client = client;
      this.weather = weather;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (weather.untilByte() == 0) {
        breakOff(ctx);
      } else {
        ctx.read();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (broken) {
        ReferenceCountUtil.release(message);
        return;
      }
      ByteBuf piece = (ByteBuf) message;
      corrupt(piece);
      long left = weather.untilByte() < 0 ? Long.MAX_VALUE : weather.untilByte() - passed;
      if (piece.readableBytes() >= left) {
        piece.writerIndex(piece.readerIndex() + (int) left);
      }
      int length = piece.readableBytes();
      passed += length;
      long delay = weather.latencyMillis();
      if (weather.bytesPerSecond() > 0) {
        delay += length * MILLIS / weather.bytesPerSecond();
      }
      if (delay == 0) {
        pass(ctx, piece);
      } else {
        var ignored = ctx.executor().schedule(() -> pass(ctx, piece), delay, TimeUnit.MILLISECONDS);
      }
    }

    private void corrupt(ByteBuf piece) {
      long at = weather.corruptAt() - passed;
      if (weather.corruptAt() >= 0 && at >= 0 && at < piece.readableBytes()) {
        int index = piece.readerIndex() + (int) at;
        piece.setByte(index, piece.getByte(index) ^ 1);
        faults.increment();
      }
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf piece) {
      ChannelFuture written = client.writeAndFlush(piece);
      if (passed == weather.untilByte()) {
        broken = true;
        written.addListener(sent -> breakOff(ctx));
      } else {
        written.addListener(sent -> {
          if (sent.isSuccess()) {
            ctx.read();
          } else {
            end(ctx.close());
          }
        });
      }
    }

    private void breakOff(ChannelHandlerContext ctx) {
      broken = true;
      faults.increment();
      switch (weather.end()) {
        case CLOSE -> {
          end(client.close());
          end(ctx.close());
        }
        case RESET -> {
          client.config().setSoLinger(0);
          end(client.close());
          end(ctx.close());
        }
        case HALF_CLOSE -> {
          end(client.shutdownOutput());
          forget(client, ctx.channel());
        }
        // Nobody reads the server's side any more either.
        case SILENCE -> forget(client, ctx.channel());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!broken) {
        closeWhenSent(client);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      end(ctx.close());
    }
  }
}
