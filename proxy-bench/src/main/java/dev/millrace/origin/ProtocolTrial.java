package dev.millrace.origin;

import dev.millrace.bench.scenario.Figure;
import dev.millrace.bench.scenario.Figures;
import dev.millrace.config.Settings;
import dev.millrace.server.Transports;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Does HTTP/2 to origins pay, where they offer it?
 *
 * <p>One client fetches the bodies of a {@link ProtocolCase} from a TLS origin on loopback, by
 * HTTP/1.1 over a pool of connections that are kept or by HTTP/2 over one, and throws them away.
 * Only the client is counted: two event loops of its own, beside two of the origin and one of the
 * relay, all in this JVM.
 *
 * <p>Command: {@code bin/millrace-bench protocols}
 *
 * <p>Decision it serves: {@code docs/decisions/0019-http2-to-origins.md}
 *
 * <p>Threading: for one thread.
 *
 * <p>Ownership: ends what it has started.
 */
public final class ProtocolTrial implements AutoCloseable {
  private static final int ORIGIN_LOOPS = 2;
  private static final long LINGER_SECONDS = 5;

  /** By what the bodies are fetched. */
  public enum Protocol {
    /** One connection, a stream for each body. */
    HTTP_2("h2", ApplicationProtocolNames.HTTP_2),
    /** A pool of connections that are kept. */
    HTTP_1("http1", ApplicationProtocolNames.HTTP_1_1);

    private final String label;
    private final String alpn;

    Protocol(String label, String alpn) {
      this.label = label;
      this.alpn = alpn;
    }

    /** As it stands in results. */
    public String label() {
      return label;
    }
  }

  private final ProtocolCase subject;
  private final Transports transport = Transports.of(Settings.Transport.AUTO);
  private final MeteredLoops client = new MeteredLoops(transport);
  private final EventLoopGroup originLoops =
      new MultiThreadIoEventLoopGroup(ORIGIN_LOOPS, transport.ioHandler());
  private final EventLoopGroup relayLoop =
      new MultiThreadIoEventLoopGroup(1, transport.ioHandler());
  private final AtomicLong handshakes = new AtomicLong();
  private final TlsOrigin origin;
  private final @Nullable DelayRelay relay;
  private final Map<Protocol, Caller> callers = new EnumMap<>(Protocol.class);

  /** Opens an origin. Errors: no certificate can be made. */
  public ProtocolTrial(ProtocolCase subject) throws IOException {
    this.subject = subject;
    this.origin = TlsOrigin.start(transport, originLoops);
    this.relay =
        subject.distance().equals(Distance.NONE)
            ? null
            : new DelayRelay(transport, relayLoop.next(), subject.distance(), origin.address());
  }

  /** Fetches all bodies once. Errors: one of them did not come. */
  public Figures run(Protocol protocol) throws IOException, InterruptedException {
    boolean cold = subject.start() == ProtocolCase.Start.COLD;
    Caller caller = callers.remove(protocol);
    if (caller == null) {
      caller = new Caller(protocol);
      if (!cold) {
        caller.fetch();
      }
    }
    long handshakesBefore = handshakes.get();
    client.begin();
    caller.fetch();
    client.arrived();
    if (cold) {
      // A connection that came too late for a body has cost as much as any other.
      caller.close();
    } else {
      callers.put(protocol, caller);
    }
    return client
        .end(subject.bodies())
        .with(Figure.HANDSHAKES, (double) (handshakes.get() - handshakesBefore));
  }

  @Override
  public void close() {
    callers.values().forEach(Caller::close);
    if (relay != null) {
      relay.close();
    }
    origin.close();
    client.close();
    originLoops.shutdownGracefully(0, LINGER_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    relayLoop.shutdownGracefully(0, LINGER_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** A client with the TLS settings that it dials with. */
  private final class Caller implements AutoCloseable {
    private final SslContext tls;
    private final BodyClient bodies;

    Caller(Protocol protocol) throws IOException {
      this.tls = origin.clientContext(protocol.alpn);
      Wire wire =
          new Wire(
              transport,
              client.loops(),
              tls,
              relay == null ? origin.address() : relay.address(),
              handshakes);
      this.bodies =
          switch (protocol) {
            case HTTP_1 -> new PooledClient(wire);
            case HTTP_2 -> new MultiplexedClient(wire);
          };
    }

    void fetch() throws IOException, InterruptedException {
      Batch batch = subject.batch();
      bodies.begin(batch);
      batch.await();
    }

    @Override
    public void close() {
      bodies.close();
      ReferenceCountUtil.release(tls);
    }
  }
}
