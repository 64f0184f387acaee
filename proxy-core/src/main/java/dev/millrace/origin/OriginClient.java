package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.config.RemoteSettings;
import dev.millrace.config.ServerLimits;
import dev.millrace.fill.FetchRequest;
import dev.millrace.fill.FetchSink;
import dev.millrace.fill.Fetcher;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upstream client: HTTP/1.1 with pooled connections, redirects, TLS and outbound proxies.
 *
 * <p>Threading: {@link #fetch} on any thread. A fetch runs on the loop that asks, or moves to the
 * loop of the connection that it is given; the sink is called there only.
 *
 * <p>Ownership: the connections; not the event loops.
 */
public final class OriginClient implements Fetcher, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OriginClient.class);

  private final OriginSetup setup;
  private final Dialer dialer;
  private final List<EventLoop> loops = new ArrayList<>();
  private final ConcurrentMap<String, Upstream> upstreams = new ConcurrentHashMap<>();
  private final Object changes = new Object();
  private final List<Upstream> replaced = new ArrayList<>();
  private volatile boolean closed;

  /** A client without connections. */
  public OriginClient(OriginSetup setup) {
    this.setup = setup;
    this.dialer = new Dialer(setup);
    for (EventExecutor executor : setup.loops()) {
      if (executor instanceof EventLoop loop) {
        loops.add(loop);
      }
    }
  }

  @Override
  public void fetch(FetchRequest request, FetchSink sink) {
    EventLoop loop = loopToStartOn();
    Upstream upstream = upstream(request.remote());
    // Never before this method returns: the caller may not be ready for its sink to be called.
    loop.execute(new OriginFetch(this, upstream, request, sink, loop)::start);
  }

  @Override
  public void judged(RemoteSettings remote, String path, boolean right) {
    Upstream upstream = upstreams.get(remote.name());
    // Settings that have been replaced meanwhile are not to come back for this.
    OriginPool pool =
        upstream != null && upstream.remote().equals(remote)
            ? upstream.pool(upstream.origin())
            : null;
    if (upstream != null && pool != null && pool.breaker().judged(path, right, nanos())) {
      events().circuitOpened(remote.name());
      LOG.warn(
          "{} sent too many wrong bodies, and is left alone for a while: {}",
          upstream.origin(),
          remote.name());
    }
  }

  /** Closes at once; running fetches fail. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /**
   * Refuses new fetches, gives the running ones some time, then breaks them. Limits: returns after
   * the grace and a second at the latest. Threading: blocks, so never on an event loop.
   */
  public void close(Duration grace) {
    List<Upstream> all;
    synchronized (changes) {
      closed = true;
      all = new ArrayList<>(replaced);
      all.addAll(upstreams.values());
    }
    all.forEach(Upstream::close);
    List<OriginPool> pools = all.stream().flatMap(one -> one.pools().stream()).toList();
    long deadlineNanos = nanos() + grace.toNanos();
    try {
      for (OriginPool pool : pools) {
        pool.awaitUnused(setup.nanos(), deadlineNanos);
      }
      pools.forEach(OriginPool::abort);
      deadlineNanos = nanos() + Duration.ofSeconds(Limits.ORIGIN_ABORT_SECONDS).toNanos();
      for (OriginPool pool : pools) {
        pool.awaitUnused(setup.nanos(), deadlineNanos);
      }
    } catch (InterruptedException e) {
      pools.forEach(OriginPool::abort);
      Thread.currentThread().interrupt();
    }
  }

  Dialer dialer() {
    return dialer;
  }

  OriginEvents events() {
    return setup.events();
  }

  ServerLimits limits() {
    return setup.limits();
  }

  long nanos() {
    return setup.nanos().getAsLong();
  }

  /** What goes with a request to a target; the credential only where it belongs. */
  RequestHead.Extras extras(@Nullable Credential credential, Target target) {
    OutboundProxies.Proxy proxy = setup.proxies().forOrigin(target.origin());
    String authorization = credential == null ? null : credential.valueFor(target.origin());
    if (proxy == null || target.origin().tls()) {
      return new RequestHead.Extras(setup.userAgent(), authorization, null, false);
    }
    String toProxy =
        proxy.username().isEmpty() ? null : Upstream.basic(proxy.username(), proxy.password());
    return new RequestHead.Extras(setup.userAgent(), authorization, toProxy, true);
  }

  /** The remote's connections; new ones when its settings have changed. */
  private Upstream upstream(RemoteSettings remote) {
    Upstream known = upstreams.get(remote.name());
    if (known != null && known.remote().equals(remote)) {
      return known;
    }
    synchronized (changes) {
      known = upstreams.get(remote.name());
      if (known != null && known.remote().equals(remote)) {
        return known;
      }
      Upstream made = new Upstream(remote);
      upstreams.put(remote.name(), made);
      if (closed) {
        made.close();
      }
      replaced.removeIf(Upstream::isUnused);
      if (known != null) {
        replaced.add(known);
        // Not here: it may have to wait for a certificate file that is just being read.
        setup.blocking().execute(known::close);
      }
      return made;
    }
  }

  private EventLoop loopToStartOn() {
    for (EventLoop loop : loops) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    return setup.loops().next();
  }
}
