package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.observe.FetchFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections: resolves, checks the addresses, connects to one after the other, opens a
 * tunnel and a TLS session where they are needed.
 *
 * <p>Threading: the resolver and the certificates run on the blocking executor, everything else on
 * the loop that the connection will live on.
 */
final class Dialer {
  /** Hears how a dial ended, on its loop, once. */
  interface Dialed {
    /** The loop that the connection shall live on. */
    EventLoop loop();

    /** The connection stands. */
    void connected(OriginConnection connection);

    /** There is none; the slot has been given back. */
    void failed(FetchFailure reason, String detail);
  }

  private final OriginSetup setup;

  Dialer(OriginSetup setup) {
    this.setup = setup;
  }

  /**
   * Dials with a slot of the pool: the connection holds it until closed, a failure gives it back.
   */
  void dial(Upstream upstream, Origin origin, OriginPool pool, Dialed dialed) {
    new Attempt(upstream, origin, pool, dialed).start();
  }

  /** One dial. Threading: confined to the dialed loop, except {@link #prepare}. */
  private final class Attempt {
    private final Upstream upstream;
    private final Origin origin;
    private final OriginPool pool;
    private final Dialed dialed;
    private final EventLoop loop;
    private final OutboundProxies.@Nullable Proxy proxy;
    private final long deadlineNanos;
    private @Nullable SslContext tls;
    private InetAddress[] addresses = {};
    private int next;
    private @Nullable Future<?> timer;
    private boolean ended;

    Attempt(Upstream upstream, Origin origin, OriginPool pool, Dialed dialed) {
      this.upstream = upstream;
      this.origin = origin;
      this.pool = pool;
      this.dialed = dialed;
      this.loop = dialed.loop();
      this.proxy = setup.proxies().forOrigin(origin);
      this.deadlineNanos = setup.nanos().getAsLong() + dialTimeout().toNanos();
    }

    void start() {
      timer = loop.schedule(this::checkPrepared, dialTimeout().toNanos(), TimeUnit.NANOSECONDS);
      try {
        setup.blocking().execute(this::prepare);
      } catch (RejectedExecutionException e) {
        fail(FetchFailure.SHUTDOWN, "no thread to resolve on");
      }
    }

    /** A resolver that hangs keeps its thread, but not the fetch. */
    private void checkPrepared() {
      fail(FetchFailure.DIAL_TIMEOUT, "the host name did not resolve in time");
    }

    /** On a thread that may block. */
    private void prepare() {
      InetAddress[] found = {};
      SslContext context = null;
      // Until all that is needed is there: what is thrown must not look like success without TLS.
      FetchFailure failure = FetchFailure.INTERNAL;
      String detail = "the dial could not be prepared";
      try {
        boolean guarded = Redirects.guarded(upstream, origin);
        boolean refused = guarded && PrivateAddresses.containsLiteral(origin.host());
        if (!refused) {
          found = setup.resolver().resolve(proxy == null ? origin.host() : proxy.host());
          // Behind a proxy it is the proxy that connects, and that has to know where it may go.
          refused = guarded && proxy == null && containsPrivate(found);
        }
        if (!refused && origin.tls()) {
          context = upstream.retainTls();
        }
        failure = refused ? FetchFailure.REDIRECT_REFUSED : null;
        detail = refused ? "redirect refused: a private address" : "";
      } catch (UnknownHostException e) {
        failure = FetchFailure.DNS;
        detail = "the host name did not resolve";
      } catch (IOException | GeneralSecurityException e) {
        failure = FetchFailure.TLS;
        detail = "the trusted certificates cannot be read";
      } finally {
        handOver(
            found,
            context,
            failure == null && found.length == 0 ? FetchFailure.DNS : failure,
            detail);
      }
    }

    private void handOver(
        InetAddress[] found,
        @Nullable SslContext context,
        @Nullable FetchFailure failure,
        String detail) {
      loop.execute(() -> {
        if (timer != null) {
          timer.cancel(false);
        }
        addresses = found;
        tls = context;
        if (ended) {
          ReferenceCountUtil.release(context);
        } else if (failure != null) {
          fail(failure, detail);
        } else {
          connectNext();
        }
      });
    }

    private boolean containsPrivate(InetAddress[] found) {
      for (InetAddress address : found) {
        if (PrivateAddresses.contains(address)) {
          return true;
        }
      }
      return false;
    }

    private void connectNext() {
      assert origin.tls() == (tls != null);
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - setup.nanos().getAsLong());
      if (leftMillis <= 0) {
        fail(FetchFailure.DIAL_TIMEOUT, "no connection in time");
        return;
      }
      int tries = Math.min(addresses.length, Limits.DIAL_ADDRESSES_MAX) - next;
      int timeoutMillis = Math.clamp(leftMillis / tries, 1, Integer.MAX_VALUE);
      InetAddress address = addresses[next++];
      InetSocketAddress first =
          new InetSocketAddress(address, proxy == null ? origin.port() : proxy.port());
      Line line = new Line(first);
      Bootstrap bootstrap =
          new Bootstrap()
              .group(loop)
              .channelFactory(setup.channels())
              .option(ChannelOption.AUTO_READ, false)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
              .disableResolver()
              .handler(line);
      InetSocketAddress end =
          line.tunnel == null
              ? first
              : InetSocketAddress.createUnresolved(origin.host(), origin.port());
      bootstrap
          .connect(end)
          .addListener(connect -> {
            if (connect.isSuccess()) {
              line.connected();
            } else {
              connectFailed(connect.cause());
            }
          });
    }

    private void connectFailed(@Nullable Throwable cause) {
      if (next < Math.min(addresses.length, Limits.DIAL_ADDRESSES_MAX)) {
        connectNext();
      } else if (cause instanceof ConnectTimeoutException) {
        fail(FetchFailure.DIAL_TIMEOUT, "no connection in time");
      } else if (cause instanceof IOException) {
        fail(FetchFailure.REFUSED, "the connection was refused");
      } else {
        fail(FetchFailure.INTERNAL, cause == null ? "no cause" : cause.getClass().getSimpleName());
      }
    }

    private void fail(FetchFailure reason, String detail) {
      if (!ended) {
        end();
        pool.slotFreed(null);
        dialed.failed(reason, detail);
      }
    }

    private void end() {
      ended = true;
      ReferenceCountUtil.release(tls);
      tls = null;
    }

    private Duration dialTimeout() {
      return upstream.remote().timeouts().dial();
    }

    /** The pipeline of one try. */
    private final class Line extends ChannelInitializer<Channel> {
      private final ReadMeter meter = new ReadMeter();
      private final ResponseDecoder decoder = new ResponseDecoder();
      private final @Nullable HttpProxyHandler tunnel;
      private @Nullable SslHandler session;
      private @Nullable OriginConnection connection;

      Line(InetSocketAddress first) {
        this.tunnel = proxy != null && origin.tls() ? tunnel(first, proxy) : null;
      }

      @Override
      protected void initChannel(Channel channel) {
        channel.config().setRecvByteBufAllocator(meter);
        channel.pipeline().addLast("meter", meter);
        if (tunnel != null) {
          channel.pipeline().addLast("tunnel", tunnel);
        }
        if (tls != null) {
          session = tls.newHandler(channel.alloc(), origin.host(), origin.port());
          // The tunnel comes first and has a limit of its own.
          Duration limit = upstream.remote().timeouts().tls();
          session.setHandshakeTimeoutMillis(
              (tunnel == null ? limit : limit.plus(dialTimeout())).toMillis());
          channel.pipeline().addLast("tls", session);
        }
        channel.pipeline().addLast("decoder", decoder);
        connection =
            new OriginConnection(channel, meter, decoder, pool, tls != null, setup.nanos());
        channel.pipeline().addLast("connection", connection);
      }

      private HttpProxyHandler tunnel(InetSocketAddress at, OutboundProxies.Proxy through) {
        HttpHeaders fields =
            new DefaultHttpHeaders().add(HttpHeaderNames.USER_AGENT, setup.userAgent());
        HttpProxyHandler handler =
            through.username().isEmpty()
                ? new HttpProxyHandler(at, fields)
                : new HttpProxyHandler(at, through.username(), through.password(), fields);
        handler.setConnectTimeoutMillis(dialTimeout().toMillis());
        return handler;
      }

      private void connected() {
        if (tunnel == null) {
          secure();
          return;
        }
        tunnel
            .connectFuture()
            .addListener(opened -> {
              if (opened.isSuccess()) {
                secure();
              } else {
                closeAndFail(FetchFailure.TUNNEL, "the proxy opened no tunnel");
              }
            });
      }

      private void secure() {
        if (session == null) {
          established();
          return;
        }
        session
            .handshakeFuture()
            .addListener(shaken -> {
              if (shaken.isSuccess()) {
                established();
              } else if (shaken.cause() instanceof SslHandshakeTimeoutException) {
                closeAndFail(FetchFailure.TLS_TIMEOUT, "no TLS session in time");
              } else {
                closeAndFail(FetchFailure.TLS, "the certificate or the handshake was refused");
              }
            });
      }

      private void established() {
        OriginConnection made = connection;
        if (made == null || ended || !pool.opened(made)) {
          closeAndFail(FetchFailure.SHUTDOWN, "the upstream client is closed");
          return;
        }
        String remote = upstream.remote().name();
        setup.events().connectionOpened(remote);
        made.channel()
            .closeFuture()
            .addListener(closed -> {
              setup.events().connectionClosed(remote);
              pool.slotFreed(made);
            });
        end();
        dialed.connected(made);
      }

      private void closeAndFail(FetchFailure reason, String detail) {
        if (connection != null) {
          connection.close();
        }
        fail(reason, detail);
      }
    }
  }
}
