package dev.millrace.origin;

import dev.millrace.config.RemoteSettings;
import dev.millrace.config.RemoteSettings.OriginTimeouts;
import dev.millrace.config.ServerLimits;
import dev.millrace.fill.FetchRequest;
import dev.millrace.observe.FetchFailure;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client with its loops, and remotes to aim it at. */
final class OriginFixture implements AutoCloseable {
  /** The transports that the client has to work on. */
  enum Transport {
    NIO,
    EPOLL,
    IO_URING;

    /** Those that this machine has. */
    static List<Transport> here() {
      return Stream.of(values()).filter(Transport::isHere).toList();
    }

    /** What the process would choose by itself. */
    static Transport usual() {
      return Epoll.isAvailable() ? EPOLL : NIO;
    }

    private boolean isHere() {
      return switch (this) {
        case NIO -> true;
        case EPOLL -> Epoll.isAvailable();
        case IO_URING -> IoUring.isAvailable();
      };
    }

    private IoHandlerFactory handler() {
      return switch (this) {
        case NIO -> NioIoHandler.newFactory();
        case EPOLL -> EpollIoHandler.newFactory();
        case IO_URING -> IoUringIoHandler.newFactory();
      };
    }

    private ChannelFactory<? extends Channel> channels() {
      return switch (this) {
        case NIO -> NioSocketChannel::new;
        case EPOLL -> EpollSocketChannel::new;
        case IO_URING -> IoUringSocketChannel::new;
      };
    }
  }

  /** What was counted, as words in order. */
  static final class Counted implements OriginEvents {
    private final Queue<String> words = new ConcurrentLinkedQueue<>();

    @Override
    public void requestSent(String remote) {
      words.add("sent");
    }

    @Override
    public void connectionOpened(String remote) {
      words.add("opened");
    }

    @Override
    public void connectionClosed(String remote) {
      words.add("closed");
    }

    @Override
    public void poolWait(String remote) {
      words.add("wait");
    }

    @Override
    public void staleRetry(String remote) {
      words.add("retry");
    }

    @Override
    public void circuitOpened(String remote) {
      words.add("circuit");
    }

    @Override
    public void redirected(String remote) {
      words.add("redirected");
    }

    @Override
    public void received(String remote, int bytes) {
      // Counted by the sinks.
    }

    @Override
    public void failed(String remote, FetchFailure reason) {
      words.add(reason.label());
    }

    long count(String word) {
      return words.stream().filter(word::equals).count();
    }
  }

  /** What a test may set of a remote. */
  static final class Remote {
    String name = "gen";
    String packageType = "generic";
    String username = "";
    String password = "";
    @Nullable URI tokenServer;
    int connections = 32;
    Duration dial = Duration.ofSeconds(5);
    Duration tls = Duration.ofSeconds(5);
    Duration head = Duration.ofSeconds(10);
    Duration idle = Duration.ofSeconds(10);
    @Nullable Path caFile;
    boolean privateRedirects;
    boolean insecureRedirects;

    RemoteSettings at(String baseUrl) {
      return new RemoteSettings(
          name,
          packageType,
          URI.create(baseUrl),
          "",
          username,
          password,
          tokenServer,
          Duration.ZERO,
          Duration.ofHours(1),
          Duration.ofMinutes(1),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          true,
          true,
          true,
          Set.of(),
          "",
          RemoteSettings.Verify.ENFORCE,
          true,
          RemoteSettings.CompletePartial.AUTO,
          1,
          true,
          connections,
          new OriginTimeouts(dial, tls, head, idle),
          caFile,
          privateRedirects,
          insecureRedirects);
    }
  }

  private final MultiThreadIoEventLoopGroup loops;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, InetAddress[]> hosts = new ConcurrentHashMap<>();
  private final Map<String, Integer> lookUps = new ConcurrentHashMap<>();
  private final Counted events = new Counted();
  private final OriginClient client;

  private OriginFixture(Transport transport, int threads, UnaryOperator<OriginSetup> change) {
    loops = new MultiThreadIoEventLoopGroup(threads, transport.handler());
    ServerLimits limits =
        new ServerLimits(
            100,
            100,
            8192,
            65_536,
            100,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            0,
            0,
            Duration.ofSeconds(5),
            Duration.ZERO,
            Long.MAX_VALUE,
            Long.MAX_VALUE);
    client =
        new OriginClient(
            change.apply(
                new OriginSetup(
                    loops,
                    transport.channels(),
                    limits,
                    OutboundProxies.none(),
                    this::resolve,
                    blocking,
                    System::nanoTime,
                    events,
                    "millrace/test")));
  }

  static OriginFixture open() {
    return new OriginFixture(Transport.usual(), 2, setup -> setup);
  }

  static OriginFixture on(Transport transport) {
    return new OriginFixture(transport, 2, setup -> setup);
  }

  static OriginFixture with(UnaryOperator<OriginSetup> change) {
    return new OriginFixture(Transport.usual(), 2, change);
  }

  /** Changes two limits of a set-up. */
  static UnaryOperator<OriginSetup> limits(Duration poolWait, long minRate) {
    return setup ->
        new OriginSetup(
            setup.loops(),
            setup.channels(),
            new ServerLimits(
                100,
                100,
                8192,
                65_536,
                100,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                0,
                minRate,
                poolWait,
                Duration.ZERO,
                Long.MAX_VALUE,
                Long.MAX_VALUE),
            setup.proxies(),
            setup.resolver(),
            setup.blocking(),
            setup.nanos(),
            setup.events(),
            setup.userAgent());
  }

  /** Sets the clock of a set-up. */
  static UnaryOperator<OriginSetup> clock(LongSupplier nanos) {
    return setup ->
        new OriginSetup(
            setup.loops(),
            setup.channels(),
            setup.limits(),
            setup.proxies(),
            setup.resolver(),
            setup.blocking(),
            nanos,
            setup.events(),
            setup.userAgent());
  }

  /** Sets the proxies of a set-up. */
  static UnaryOperator<OriginSetup> proxies(Map<String, String> environment) {
    return setup ->
        new OriginSetup(
            setup.loops(),
            setup.channels(),
            setup.limits(),
            OutboundProxies.of(environment),
            setup.resolver(),
            setup.blocking(),
            setup.nanos(),
            setup.events(),
            setup.userAgent());
  }

  OriginClient client() {
    return client;
  }

  Counted events() {
    return events;
  }

  /** Makes a name resolve to addresses. */
  OriginFixture host(String name, String... addresses) {
    InetAddress[] literal = new InetAddress[addresses.length];
    for (int i = 0; i < addresses.length; i++) {
      literal[i] = InetAddress.ofLiteral(addresses[i]);
    }
    hosts.put(name, literal);
    return this;
  }

  RecordingSink.Outcome get(RemoteSettings remote, String path) throws InterruptedException {
    return fetch(FetchRequest.get(remote, path));
  }

  RecordingSink.Outcome fetch(FetchRequest request) throws InterruptedException {
    RecordingSink sink = RecordingSink.eager();
    client.fetch(request, sink);
    return sink.await();
  }

  RecordingSink start(RemoteSettings remote, String path, RecordingSink sink) {
    client.fetch(FetchRequest.get(remote, path), sink);
    return sink;
  }

  /** How often a name was looked up. */
  int lookUps(String name) {
    return lookUps.getOrDefault(name, 0);
  }

  private InetAddress[] resolve(String host) throws UnknownHostException {
    lookUps.merge(host, 1, Integer::sum);
    InetAddress[] known = hosts.get(host);
    return known != null ? known : InetAddress.getAllByName(host);
  }

  @Override
  public void close() {
    client.close();
    blocking.shutdownNow();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
