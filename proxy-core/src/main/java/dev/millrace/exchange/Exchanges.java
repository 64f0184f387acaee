package dev.millrace.exchange;

import dev.millrace.config.RemoteSettings;
import dev.millrace.manage.ManagementPages;
import dev.millrace.manage.Page;
import dev.millrace.observe.Refusal;
import dev.millrace.route.Route;
import dev.millrace.route.Router;
import dev.millrace.serve.ClientRequest;
import dev.millrace.serve.Responder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the doors bring every request: routes it and begins its exchange.
 *
 * <p>Threading: thread-safe; each call is made on the event loop of its responder.
 */
public final class Exchanges {
  private static final Logger LOG = LoggerFactory.getLogger(Exchanges.class);
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private final ExchangeServices services;
  private final ExchangeLog log;
  private final ManagementPages pages;
  private final Executor pageThreads;
  private final Router router = new Router();
  private final Map<String, Remote> remotes = new HashMap<>();
  private final Registries registries;
  private final LongAdder connectionFaults = new LongAdder();
  private final LongAdder slowClients = new LongAdder();
  private final LongAdder acceptFaults = new LongAdder();

  /** The exchanges of those remotes; pages are made on {@code pageThreads}. */
  public Exchanges(
      ExchangeServices services,
      ExchangeLog log,
      ManagementPages pages,
      Executor pageThreads,
      Collection<RemoteSettings> settings) {
    this.services = services;
    this.log = log;
    this.pages = pages;
    this.pageThreads = pageThreads;
    settings.forEach(remote -> remotes.put(remote.name(), Remote.of(remote, settings)));
    registries = new Registries(settings.stream().map(each -> remotes.get(each.name())).toList());
  }

  /** Answers a request; {@code hasBody} says that a body follows, which nothing reads. */
  public void begin(ClientRequest request, Responder responder, boolean hasBody) {
    Exchange exchange = new Exchange(request, responder, log);
    boolean reads = request.method().equals("GET") || request.isHead();
    if (!reads) {
      exchange.refuse(Refusal.METHOD);
      return;
    }
    if (hasBody) {
      exchange.refuse(Refusal.BODY_NOT_ALLOWED);
      return;
    }
    switch (router.route(request.target())) {
      case Route.Refused(Refusal refusal) -> exchange.refuse(refusal);
      case Route.ProcessPage(Route.Page page) -> answerPage(exchange, page);
      case Route.Remote(String name, String path) -> {
        fetch(exchange, remotes.get(name), path);
      }
      case Route.Registry asked -> {
        Registries.Found found = registries.find(asked);
        fetch(exchange, found == null ? null : found.remote(), found == null ? "" : found.path());
      }
      case Route.RegistryPing() -> {
        exchange.record().page();
        exchange.page(200, "application/json", EMPTY_OBJECT.clone());
      }
    }
  }

  private void fetch(Exchange exchange, @Nullable Remote remote, String path) {
    if (remote == null) {
      exchange.refuse(Refusal.UNKNOWN_REMOTE);
    } else {
      exchange.record().remote(remote.settings().name());
      new ArtifactExchange(exchange, services, remote, path).start();
    }
  }

  /** Answers bytes that are no request. */
  public void refuse(ClientRequest unreadable, Responder responder, Refusal refusal) {
    new Exchange(unreadable, responder, log).refuse(refusal);
  }

  /** A connection was turned away. */
  public void connectionRefused() {
    log.metrics().refused(Refusal.CONNECTIONS);
    log.metrics().connectionRefused();
  }

  /** A connection broke in a way that no exchange owns. */
  public void connectionFailed(Throwable cause) {
    connectionFaults.increment();
    // What TLS finds wrong with a client's bytes comes wrapped, and is the client's matter, too.
    boolean isClients =
        cause instanceof IOException
            || cause instanceof Http2Exception
            || cause.getCause() instanceof SSLException;
    if (isClients) {
      LOG.debug("a client connection broke", cause);
    } else {
      LOG.warn("a client connection is reset", cause);
    }
  }

  /** The listening socket could not accept a connection, and pauses. */
  public void acceptFailed(Throwable cause) {
    acceptFaults.increment();
    LOG.warn("no connection can be accepted now: {}", cause.getMessage());
  }

  /** A client took its bytes more slowly than allowed. */
  public void clientTooSlow() {
    slowClients.increment();
  }

  /** Connections that broke in a way that no exchange owns. */
  public long connectionFaults() {
    return connectionFaults.sum();
  }

  /** Pauses of the listening socket. */
  public long acceptFaults() {
    return acceptFaults.sum();
  }

  /** Clients that were cut for their slowness. */
  public long slowClients() {
    return slowClients.sum();
  }

  private void answerPage(Exchange exchange, Route.Page page) {
    exchange.record().page();
    pageThreads.execute(() -> {
      Page made;
      try {
        made = make(page);
      } catch (RuntimeException | AssertionError e) {
        LOG.error("{} could not be made", page, e);
        exchange.responder().execute(exchange::crash);
        return;
      }
      exchange
          .responder()
          .execute(() -> exchange.page(made.status(), made.contentType(), made.body()));
    });
  }

  private Page make(Route.Page page) {
    return switch (page) {
      case HEALTH -> pages.health();
      case READY -> pages.ready();
      case VERSION -> pages.version();
      case METRICS -> pages.metrics();
    };
  }
}
