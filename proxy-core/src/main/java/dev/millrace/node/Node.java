package dev.millrace.node;

import dev.millrace.artifact.BouncyCastleDigestEngine;
import dev.millrace.artifact.JdkDigestEngine;
import dev.millrace.artifact.TriedDigestEngine;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.PostgresCatalog;
import dev.millrace.catalog.SqliteCatalog;
import dev.millrace.cli.RunningNode;
import dev.millrace.config.CatalogSettings;
import dev.millrace.config.Limits;
import dev.millrace.config.RemoteSettings;
import dev.millrace.config.Settings;
import dev.millrace.config.TlsSettings;
import dev.millrace.coordinate.NegativeCache;
import dev.millrace.exchange.ExchangeLog;
import dev.millrace.exchange.ExchangeServices;
import dev.millrace.exchange.Exchanges;
import dev.millrace.exchange.Indexes;
import dev.millrace.exchange.PublicUrl;
import dev.millrace.fill.BodyBudget;
import dev.millrace.fill.FillServices;
import dev.millrace.fill.FillTable;
import dev.millrace.manage.ManagementPages;
import dev.millrace.manage.Readiness;
import dev.millrace.observe.BuildVersion;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.MetricsPage;
import dev.millrace.observe.ProcessReadings;
import dev.millrace.observe.RequestLog;
import dev.millrace.origin.OriginClient;
import dev.millrace.origin.OriginSetup;
import dev.millrace.origin.OutboundProxies;
import dev.millrace.serve.HotBodies;
import dev.millrace.server.FileReads;
import dev.millrace.server.HttpServer;
import dev.millrace.server.ServerTls;
import dev.millrace.server.Transports;
import dev.millrace.storage.DataDirId;
import dev.millrace.storage.DataDirLock;
import dev.millrace.storage.FileStorage;
import dev.millrace.store.BlobStore;
import dev.millrace.store.StoreThreads;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running process: every part put together, and taken apart in the opposite order.
 *
 * <p>Threading: {@link #start} and {@link #drain} block; each is called once.
 */
public final class Node implements RunningNode {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration LOOPS_END = Duration.ofSeconds(2);

  private final Settings settings;
  private final Outside around;
  private final Closing closing;
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Metrics metrics;
  private final NodeMetrics counted;
  private final RequestLog requestLog;
  private final ExecutorService blocking;
  private final FileStorage storage;
  private final Catalog catalog;
  private final BlobStore store;
  private final TriedDigestEngine digests;
  private final Transports transports;
  private final EventLoopGroup loops;
  private final ExecutorService fillThreads;
  private final BodyBudget budget;
  private final HotBodies hot;
  private final FillTable fills;
  private final HttpServer server;

  private Node(Settings settings, Outside around, Closing closing) throws IOException {
    this.settings = settings;
    this.around = around;
    this.closing = closing;
    metrics = new Metrics(settings.remotes().stream().map(RemoteSettings::name).toList());
    counted = new NodeMetrics(metrics);
    requestLog =
        closing.started(RequestLog.open(settings.accessLog(), around.stdout(), around.stderr()));
    blocking = closing.started(Executors.newVirtualThreadPerTaskExecutor());
    closing.started(DataDirLock.acquire(settings.dataDir()));
    storage = closing.started(FileStorage.at(settings.dataDir(), blocking));
    catalog = closing.started(catalog(settings));
    store =
        closing.started(
            BlobStore.open(
                storage,
                catalog,
                settings.diskQuotaBytes(),
                settings.spool(),
                around.clock(),
                new StoreThreads(new DefaultThreadFactory("store", true), blocking)));
    digests =
        new TriedDigestEngine(
            List.of(new JdkDigestEngine(), new BouncyCastleDigestEngine()), around.nanos());
    transports = Transports.of(settings.transport());
    loops = loops();
    // Between the loops and the upstream client: at the end the fetches break first, then the fill
    // threads write off what that brings, and only then the loops go that both post to.
    fillThreads = fillThreads();
    OriginClient origin = origin();
    budget = new BodyBudget(settings.bodyMemoryBytes());
    hot = closing.started(new HotBodies(budget, blocking));
    counted.readHotBodies(hot);
    fills = fills(origin);
    Exchanges exchanges = exchanges(origin);
    counted.readCatalog(catalog);
    counted.readStore(store, settings);
    new ProcessReadings().register(metrics, around.directMemoryBytes());
    server =
        new HttpServer(
            settings,
            transports,
            loops,
            exchanges,
            new HttpServer.Tools(around.clock(), new FileReads(budget, blocking), tls()));
    counted.readServer(server, exchanges, requestLog);
    LOG.info(
        "{} loops on {}, body memory {} bytes",
        loopCount(),
        transports.name(),
        settings.bodyMemoryBytes());
    // Only now: it takes a core for a while, and whoever waits for the start does not wait for it.
    Thread.ofPlatform().daemon(true).name("digest-trial").start(digests::tryAll);
  }

  private static Catalog catalog(Settings settings) throws IOException {
    CatalogSettings server = settings.catalog();
    return server == null
        ? SqliteCatalog.open(settings.dataDir().resolve("catalog.sqlite"))
        : PostgresCatalog.open(server, fresh -> DataDirId.of(settings.dataDir(), fresh));
  }

  private @Nullable ServerTls tls() throws IOException {
    TlsSettings wanted = settings.tls();
    if (wanted == null) {
      return null;
    }
    ServerTls tls = closing.started(ServerTls.open(wanted));
    Future<?> reloads =
        loops
            .next()
            .scheduleWithFixedDelay(
                () -> blocking.execute(tls::reload),
                Limits.TLS_RELOAD_SECONDS,
                Limits.TLS_RELOAD_SECONDS,
                TimeUnit.SECONDS);
    closing.started(() -> reloads.cancel(false));
    return tls;
  }

  /** Starts everything. Errors: says what cannot start; what had started is ended again. */
  public static Node start(Settings settings, Outside around) throws IOException {
    Closing closing = new Closing();
    try {
      return new Node(settings, around, closing);
    } catch (IOException | RuntimeException | Error e) {
      closing.close();
      throw e;
    }
  }

  @Override
  public List<String> urls() {
    return server.urls();
  }

  @Override
  public void drain() {
    if (!draining.compareAndSet(false, true)) {
      return;
    }
    try {
      server.drain(settings.drainTimeout());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      fills.abandonAll("the process is shutting down");
      closing.close();
    }
  }

  private OriginClient origin() {
    return closing.started(
        new OriginClient(
            new OriginSetup(
                loops,
                new ReflectiveChannelFactory<>(transports.channel()),
                settings.limits(),
                OutboundProxies.of(around.environment()),
                InetAddress::getAllByName,
                blocking,
                around.nanos(),
                counted,
                "millrace/" + BuildVersion.read())));
  }

  private FillTable fills(OriginClient origin) {
    return new FillTable(
        new FillServices(
            origin,
            store,
            budget,
            fillThreads,
            digests,
            around.clock(),
            around.nanos(),
            counted,
            settings.limits().segmentThreshold(),
            settings.limits().resumeWait()),
        settings.limits().fills());
  }

  private Exchanges exchanges(OriginClient origin) {
    NegativeCache negative = new NegativeCache(around.nanos()::getAsLong);
    counted.readFills(fills, budget, negative);
    ManagementPages pages =
        new ManagementPages(
            new ManagementPages.Build(BuildVersion.read(), digests::name),
            readiness(),
            draining::get,
            new MetricsPage(metrics));
    return new Exchanges(
        new ExchangeServices(
            store,
            fills,
            origin,
            budget,
            hot,
            negative,
            closing.started(
                new Indexes(
                    store,
                    digests,
                    blocking,
                    settings.diskQuotaBytes(),
                    settings.limits().maxRewriteBytes())),
            new PublicUrl(settings.outward()),
            around.clock()),
        new ExchangeLog(metrics, requestLog, around.clock()),
        pages,
        closing.started(pageThreads()),
        settings.remotes());
  }

  /** Threads of the system: a writer on a virtual one copies itself for each word of a page. */
  private static ExecutorService pageThreads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            Limits.PAGE_THREADS_MAX,
            Limits.PAGE_THREADS_MAX,
            Limits.PAGE_THREAD_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("page", true));
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private Readiness readiness() {
    Path spool = settings.dataDir().resolve("spool");
    return new Readiness(
        List.of(
            catalogCheck(),
            Readiness.Check.needed("store", () -> usableBytes(storage) > 0),
            Readiness.Check.needed("spool", () -> Files.isWritable(spool))),
        around.nanos());
  }

  /** A file fails as the disk does; without a server, what is asked for is served all the same. */
  private Readiness.Check catalogCheck() {
    BooleanSupplier answers =
        () -> {
          catalog.check();
          return true;
        };
    return settings.catalog() == null
        ? Readiness.Check.needed("catalog", answers)
        : Readiness.Check.useful("postgresql", answers);
  }

  private static long usableBytes(FileStorage storage) {
    try {
      return storage.usableBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int loopCount() {
    int wanted = settings.threads().loops();
    return wanted > 0 ? wanted : Runtime.getRuntime().availableProcessors();
  }

  private EventLoopGroup loops() {
    EventLoopGroup started =
        new MultiThreadIoEventLoopGroup(
            loopCount(), new DefaultThreadFactory("loop", true), transports.ioHandler());
    closing.started(() ->
        loops
            .shutdownGracefully(0, LOOPS_END.toMillis(), TimeUnit.MILLISECONDS)
            .awaitUninterruptibly());
    return started;
  }

  private ExecutorService fillThreads() {
    int wanted = settings.threads().fill();
    ExecutorService threads =
        Executors.newFixedThreadPool(
            wanted > 0 ? wanted : Runtime.getRuntime().availableProcessors(),
            new DefaultThreadFactory("fill", true));
    // Never interrupted: an interrupt closes the file channel that the thread writes to.
    closing.started(() -> {
      threads.shutdown();
      threads.awaitTermination(LOOPS_END.toMillis(), TimeUnit.MILLISECONDS);
    });
    return threads;
  }
}
