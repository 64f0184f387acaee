package dev.millrace.bench.rig;

import dev.millrace.bench.rig.LoadGroup.Spread;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One order of a load client on its way: all connections stand before the first request is sent.
 *
 * <p>Threading: confined to one loop, but {@link #start}.
 */
final class LoadRun {
  private final LoadOrder order;
  private final EventLoop loop;
  private final ByteBuf buffer;
  private final LoadTally tally;
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private final List<LoadConnection> connections = new ArrayList<>();
  private final List<Future<?>> timers = new ArrayList<>();
  private int connecting;
  private int unfinished;
  private long startNanos;

  /** A group with its requests as bytes, and what is left of them. */
  static final class Part {
    private final LoadGroup group;
    private final List<ByteBuf> requests;
    private int taken;
    private long endNanos = Long.MAX_VALUE;

    Part(LoadGroup group, LoadOrder order) {
      this.group = group;
      String range = group.manner().range();
      String field = range.isEmpty() ? "" : "Range: " + range + "\r\n";
      this.requests =
          group.paths().stream()
              .map(path ->
                  encode(
                      "GET "
                          + order.prefix()
                          + path
                          + " HTTP/1.1\r\nHost: 127.0.0.1:"
                          + order.port()
                          + "\r\n"
                          + field
                          + "\r\n"))
              .toList();
    }

    private static ByteBuf encode(String text) {
      ByteBuf bytes = Unpooled.directBuffer(text.length());
      bytes.writeCharSequence(text, StandardCharsets.ISO_8859_1);
      return Unpooled.unreleasableBuffer(bytes);
    }

    LoadGroup group() {
      return group;
    }

    boolean hasMore(int index, int asked) {
      int done = group.spread() == Spread.OWN ? asked : taken;
      return done < group.amount().requests() && System.nanoTime() < endNanos;
    }

    /** The next request of that connection; null when it is done. */
    @Nullable ByteBuf nextRequest(int index, int asked) {
      if (!hasMore(index, asked)) {
        return null;
      }
      int which = group.spread() == Spread.OWN ? index : taken++;
      return requests.get(which % requests.size());
    }

    private void started(long nowNanos) {
      long millis = group.amount().millis();
      if (millis > 0) {
        endNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
      }
    }
  }

  LoadRun(LoadOrder order, EventLoop loop, ByteBuf buffer) {
    this.order = order;
    this.loop = loop;
    this.buffer = buffer;
    this.tally = new LoadTally(order.detail());
  }

  /** Begins; the future has the result when all is done or the time is over. */
  CompletableFuture<LoadResult> start() {
    loop.execute(this::connectAll);
    return result;
  }

  LoadTally tally() {
    return tally;
  }

  long startNanos() {
    return startNanos;
  }

  private void connectAll() {
    List<Runnable> begins = new ArrayList<>();
    for (LoadGroup group : order.groups()) {
      Part part = new Part(group, order);
      begins.add(() -> part.started(startNanos));
      for (int index = 0; index < group.connections(); index++) {
        connecting++;
        unfinished++;
        LoadConnection connection = connection(part, index);
        connections.add(connection);
        long delay = group.manner().startMillis() + index * group.manner().staggerMillis();
        begins.add(() -> begin(connection, delay));
        connect(connection, () -> connected(begins));
      }
    }
    if (connecting == 0) {
      result.complete(tally.result(startNanos));
    }
  }

  private LoadConnection connection(Part part, int index) {
    return new LoadConnection(this, part, index, new ReusedBuffer(buffer));
  }

  private void connect(LoadConnection connection, Runnable connected) {
    new Bootstrap()
        .group(loop)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.RECVBUF_ALLOCATOR, connection.reads())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(connection);
              }
            })
        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), order.port()))
        .addListener(done -> {
          if (done.isSuccess()) {
            connected.run();
          } else {
            result.completeExceptionally(done.cause());
          }
        });
  }

  private void connected(List<Runnable> begins) {
    connecting--;
    if (connecting > 0) {
      return;
    }
    startNanos = System.nanoTime();
    later(this::cutOff, order.limitMillis());
    begins.forEach(Runnable::run);
  }

  private void begin(LoadConnection connection, long delayMillis) {
    if (delayMillis == 0) {
      connection.begin();
    } else {
      later(connection::begin, delayMillis);
    }
  }

  private void later(Runnable work, long millis) {
    timers.add(loop.schedule(work, millis, TimeUnit.MILLISECONDS));
  }

  /** Another connection goes on where the peer closed one. */
  void reconnect(Part part, int index, int asked) {
    LoadConnection connection = connection(part, index);
    connections.add(connection);
    connect(connection, () -> connection.resume(asked));
  }

  /** One connection is done. */
  void finished() {
    unfinished--;
    if (unfinished == 0) {
      timers.forEach(timer -> timer.cancel(false));
      result.complete(tally.result(startNanos));
    }
  }

  private void cutOff() {
    List.copyOf(connections).forEach(LoadConnection::cutOff);
  }
}
