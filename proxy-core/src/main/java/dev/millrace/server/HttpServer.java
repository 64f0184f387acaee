package dev.millrace.server;

import dev.millrace.config.Limits;
import dev.millrace.config.ServerLimits;
import dev.millrace.config.Settings;
import dev.millrace.exchange.Exchanges;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The listening socket and the connections that it accepted.
 *
 * <p>Limits: {@code limits.connections} at once; one more is answered 503 and closed before
 * anything is read from it.
 *
 * <p>Threading: thread-safe; {@link #drain} blocks its caller.
 */
public final class HttpServer {
  private static final int BACKLOG = 4096;

  private final Exchanges exchanges;
  private final ServerLimits limits;
  private final DateField date;
  private final Channel listening;
  private final @Nullable Channel secured;
  private final Map<Channel, Runnable> drains = new ConcurrentHashMap<>();
  private final AtomicInteger streams = new AtomicInteger();
  private volatile boolean draining;

  /**
   * What it works with.
   *
   * @param clock wall clock
   * @param reads parts of files, where a connection cannot be given the file
   * @param tls the certificate, null without TLS
   */
  public record Tools(InstantSource clock, FileReads reads, @Nullable ServerTls tls) {}

  /** Binds and begins to accept. Errors: {@link IOException} that names the address. */
  public HttpServer(
      Settings settings,
      Transports transports,
      EventLoopGroup loops,
      Exchanges exchanges,
      Tools tools)
      throws IOException {
    this.exchanges = exchanges;
    FileReads reads = tools.reads();
    this.limits = settings.limits();
    this.date = new DateField(tools.clock());
    FileDelivery delivery =
        new FileDelivery(transports.sendsFiles() ? null : reads, partBytes(), transports.cork());
    listening = bind(settings.listen(), new Connections(null, delivery), transports, loops);
    ServerTls tls = tools.tls();
    boolean bound = false;
    try {
      // Through buffers, for what is encrypted is not what is in the file.
      FileDelivery buffers = new FileDelivery(reads, partBytes(), null);
      secured =
          tls == null
              ? null
              : bind(tls.settings().listen(), new Connections(tls, buffers), transports, loops);
      bound = true;
    } finally {
      if (!bound) {
        listening.close().awaitUninterruptibly();
      }
    }
  }

  /** Half of what the slowest client allowed takes in its window, so that it is seen to take it. */
  private int partBytes() {
    long window = limits.clientMinRate() * limits.clientWriteTimeout().toSeconds();
    return Math.clamp(window / 2, Limits.PART_BYTES_MIN, Limits.READ_BUFFER_BYTES);
  }

  private Channel bind(
      Settings.Listen listen, Connections accepted, Transports transports, EventLoopGroup loops)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(transports.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .handler(new AcceptPause(exchanges))
            .childHandler(accepted);
    if (transports.unsentLimit() != null) {
      bootstrap.childOption(transports.unsentLimit(), (long) Limits.UNSENT_BYTES_MAX);
    }
    var bound = bootstrap.bind(new InetSocketAddress(listen.host(), listen.port()));
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw new IOException(
          "cannot listen on " + listen.host() + ":" + listen.port() + ": " + cause.getMessage(),
          cause);
    }
    return bound.channel();
  }

  /** The addresses that clients use. */
  public List<String> urls() {
    Channel byTls = secured;
    return byTls == null
        ? List.of(url("http", listening))
        : List.of(url("http", listening), url("https", byTls));
  }

  private static String url(String scheme, Channel channel) {
    InetSocketAddress address = (InetSocketAddress) channel.localAddress();
    String host = address.getAddress().getHostAddress();
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return scheme + "://" + shown + ":" + address.getPort();
  }

  /** Open client connections. */
  public int connectionCount() {
    return drains.size();
  }

  /** Refuses new connections, lets running answers finish, then resets what is left. */
  public void drain(Duration timeout) throws InterruptedException {
    draining = true;
    listening.close().awaitUninterruptibly();
    Channel byTls = secured;
    if (byTls != null) {
      byTls.close().awaitUninterruptibly();
    }
    drains.values().forEach(Runnable::run);
    long left = timeout.toMillis();
    for (Channel channel : drains.keySet()) {
      // One bound for all: closing futures that are done cost nothing, the rest share what is left.
      long before = channel.eventLoop().ticker().nanoTime();
      if (left > 0 && !channel.closeFuture().await(left, TimeUnit.MILLISECONDS)) {
        left = 0;
      }
      long spent = channel.eventLoop().ticker().nanoTime() - before;
      left = Math.max(0, left - TimeUnit.NANOSECONDS.toMillis(spent));
    }
    drains.keySet().forEach(Aborts::reset);
  }

  /** Sets up the pipeline of an accepted connection, or turns it away. */
  private final class Connections extends ChannelInitializer<SocketChannel> {
    private final @Nullable ServerTls tls;
    private final FileDelivery delivery;

    Connections(@Nullable ServerTls tls, FileDelivery delivery) {
      this.tls = tls;
      this.delivery = delivery;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (drains.size() >= limits.connections()) {
        exchanges.connectionRefused();
        if (tls != null) {
          // An answer would cost a handshake.
          channel.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
          return;
        }
        channel.pipeline().addLast("turned-away", new TurnedAway());
        return;
      }
      if (tls == null) {
        beginHttp1(channel);
        channel.closeFuture().addListener(closed -> drains.remove(channel));
        return;
      }
      // Who is in the handshake when the door closes has asked for nothing.
      begin(channel, () -> Aborts.reset(channel));
      channel.closeFuture().addListener(closed -> drains.remove(channel));
      TlsSilence silence = new TlsSilence(exchanges);
      channel
          .pipeline()
          .addLast("silence", silence)
          .addLast("tls", tls.handler(channel.alloc()))
          .addLast("heard", silence.behind())
          .addLast(
              "negotiation",
              new Negotiation(
                  exchanges,
                  (ctx, multiplexed) -> {
                    if (multiplexed) {
                      beginHttp2(channel);
                    } else {
                      beginHttp1(channel);
                    }
                  }));
    }

    private void beginHttp1(Channel channel) {
      ClientConnection connection = new ClientConnection(exchanges, limits, date, delivery);
      channel.pipeline().addLast("decoder", connection.decoder()).addLast("connection", connection);
      begin(channel, () -> connection.drain(channel));
    }

    private void beginHttp2(Channel channel) {
      MultiplexedConnection connection =
          new MultiplexedConnection(exchanges, limits, date, delivery, streams);
      connection.install(channel.pipeline());
      begin(channel, () -> connection.drain(channel));
    }

    private void begin(Channel channel, Runnable drain) {
      drains.put(channel, drain);
      // Accepted before the door closed, set up after the drain looked at the map: written there
      // first and draining read second, so one of the two sees the other.
      if (draining) {
        drain.run();
      }
    }
  }
}
