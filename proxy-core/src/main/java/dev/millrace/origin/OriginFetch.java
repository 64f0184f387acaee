package dev.millrace.origin;

import dev.millrace.artifact.HttpDate;
import dev.millrace.artifact.LinkedFile;
import dev.millrace.artifact.RetryAfter;
import dev.millrace.config.Limits;
import dev.millrace.fill.FetchRequest;
import dev.millrace.fill.FetchSink;
import dev.millrace.observe.FetchFailure;
import dev.millrace.origin.OriginPool.Found;
import dev.millrace.origin.ResponseDecoder.Head;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One fetch from the first request to the final head: finds a connection, sends, follows redirects,
 * gets the token that a registry asks for, repeats once what a dead pooled connection lost. From
 * the head on the {@link Exchange} serves the sink.
 *
 * <p>Threading: one step runs at a time. It begins on the loop that asked (or any, when another
 * thread did) and moves to the loop of the connection that it is given; each move is an {@code
 * execute}, which orders the steps. The sink is called on the last of these loops only.
 *
 * <p>Errors: reach the sink, counted, once.
 */
final class OriginFetch {
  /**
   * A place in a pool's line. A new one for each try, so that a late timer cannot hit the next try.
   */
  static final class Ticket {
    private final OriginFetch fetch;
    private final OriginPool pool;
    private final EventLoop loop;
    private final boolean fresh;
    private volatile @Nullable OriginConnection connection;
    private volatile @Nullable Future<?> timer;

    Ticket(OriginFetch fetch, OriginPool pool, EventLoop loop, boolean fresh) {
      this.fetch = fetch;
      this.pool = pool;
      this.loop = loop;
      this.fresh = fresh;
    }

    /** Whether a connection that was used before will not do. */
    boolean fresh() {
      return fresh;
    }

    /** Puts the connection in that {@link Found#CONNECTION} speaks of. */
    void give(OriginConnection given) {
      connection = given;
    }

    /** The wait is over, from whatever thread ended it. */
    void call(Found found) {
      Future<?> running = timer;
      if (running != null) {
        running.cancel(false);
      }
      OriginConnection given = connection;
      (given == null ? loop : given.loop()).execute(() -> fetch.found(this, found));
    }

    private void waitAtMost(long nanos) {
      fetch.client.events().poolWait(fetch.remoteName());
      timer = loop.schedule(this::giveUp, nanos, TimeUnit.NANOSECONDS);
    }

    private void giveUp() {
      if (pool.withdraw(this)) {
        fetch.fail(FetchFailure.POOL_EXHAUSTED, "no free connection in time");
      }
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(OriginFetch.class);
  private static final String BEARER = "Bearer ";

  /** The package type whose upstreams want tokens. */
  private static final String REGISTRY = "docker";

  private final OriginClient client;
  private final Upstream upstream;
  private final FetchRequest request;
  private final FetchSink sink;
  private EventLoop loop;
  private Target target;
  private @Nullable OriginPool asked;
  private int admission;
  private boolean answered;
  private int redirects;
  private boolean retried;
  private @Nullable Credential credential;
  private @Nullable Challenge challenge;
  private boolean authorized;
  private Redirects.@Nullable Step step;

  /** Of an artifact. */
  OriginFetch(
      OriginClient client,
      Upstream upstream,
      FetchRequest request,
      FetchSink sink,
      EventLoop loop) {
    this.client = client;
    this.upstream = upstream;
    this.request = request;
    this.sink = sink;
    this.loop = loop;
    this.target = upstream.target(request.path());
    this.credential = credentialAtFirst();
  }

  /** Of a token: the request's path is not looked at, and a challenge is an answer. */
  private OriginFetch(OriginFetch asking, Target server, FetchSink sink) {
    this.client = asking.client;
    this.upstream = asking.upstream;
    this.request = FetchRequest.get(asking.upstream.remote(), "");
    this.sink = sink;
    this.loop = asking.loop;
    this.target = server;
    this.credential = credentialForToken();
    this.authorized = true;
  }

  /** The token that such a request needed last time, else what is configured. */
  private @Nullable Credential credentialAtFirst() {
    if (LinkedFile.parse(request.path()) != null) {
      // An index has named the host, and that may lead back to ours: nothing of it is our word.
      return null;
    }
    String repository = Tokens.repository(request.path());
    String token = repository == null ? null : upstream.tokens().known(repository, client.nanos());
    return token == null ? upstream.credential() : bearer(token);
  }

  /** The realm is the registry's word only: the credential goes where it was meant to go. */
  private @Nullable Credential credentialForToken() {
    Credential own = upstream.credential();
    Origin server = target.origin();
    if (own == null || server.equals(upstream.origin())) {
      return own;
    }
    if (server.equals(upstream.tokenServer())) {
      return new Credential(server, own.value());
    }
    LOG.warn(
        "{} is asked for a token of {} without the credential: see token_server",
        server,
        remoteName());
    return null;
  }

  private Credential bearer(String token) {
    return new Credential(upstream.origin(), BEARER + token);
  }

  /** Asks for a connection to the target; on the fetch's loop. */
  void start() {
    seek(false);
  }

  /** The client's clock. */
  long nanos() {
    return client.nanos();
  }

  /** Counts body bytes. */
  void received(int bytes) {
    client.events().received(remoteName(), bytes);
  }

  /** Why a final head cannot be the answer to this request, or null. */
  @Nullable String refuse(Head head) {
    int status = head.response().status().code();
    if (isOut(status)) {
      originFailed(wish(head.response().headers()));
    } else {
      originAnswered();
    }
    if (status == 206 && request.part() == null) {
      return "a part where the whole was asked for";
    }
    return status == 304 && !request.isConditional() ? "a 304 to an unconditional request" : null;
  }

  private static boolean isOut(int status) {
    return switch (status) {
      case 429, 502, 503, 504 -> true;
      default -> false;
    };
  }

  /** A date is read by the origin's own clock. */
  private static long wish(HttpHeaders fields) {
    long sent = HttpDate.parse(fields.get(HttpHeaderNames.DATE)).orElse(Long.MAX_VALUE);
    return RetryAfter.millis(fields.get(HttpHeaderNames.RETRY_AFTER), sent);
  }

  private void originAnswered() {
    answered = true;
    OriginPool pool = asked;
    if (pool != null && pool.breaker().succeeded()) {
      LOG.info("{} of {} answers again", target, remoteName());
    }
  }

  private void originFailed(long wishedMillis) {
    answered = true;
    OriginPool pool = asked;
    long wished = TimeUnit.MILLISECONDS.toNanos(wishedMillis);
    if (pool != null && pool.breaker().failed(client.nanos(), wished, admission)) {
      client.events().circuitOpened(remoteName());
      LOG.warn("{} of {} failed too often, and is left alone for a while", target, remoteName());
    }
  }

  /** Whether a head leads elsewhere, or to a token first; then {@link #drained} goes there. */
  boolean redirects(Head head) {
    if (head.response().status().code() == 401 && isChallenged(head.response().headers())) {
      return true;
    }
    List<String> locations = head.response().headers().getAll(HttpHeaderNames.LOCATION);
    if (!Redirects.isRedirect(head.response().status().code()) || locations.isEmpty()) {
      return false;
    }
    step = Redirects.step(target, locations, upstream.remote());
    return true;
  }

  /** Once for each fetch: a registry that does not take the token that it wanted is believed. */
  private boolean isChallenged(HttpHeaders fields) {
    String repository = Tokens.repository(request.path());
    if (authorized
        || repository == null
        || !upstream.remote().packageType().equals(REGISTRY)
        || !target.origin().equals(upstream.origin())) {
      return false;
    }
    Challenge asked = Challenge.bearer(fields.getAll(HttpHeaderNames.WWW_AUTHENTICATE));
    if (asked == null) {
      return false;
    }
    challenge = asked.toPull(repository);
    authorized = true;
    return true;
  }

  private void authorize(Challenge asked) {
    Redirects.Step way = Redirects.step(target, List.of(asked.url()), upstream.remote());
    if (!(way instanceof Redirects.Step.Follow(Target server))) {
      fail(FetchFailure.TOKEN_REFUSED, "no way to the token server");
      return;
    }
    Tokens tokens = upstream.tokens();
    Credential brought = credential;
    String refused =
        brought != null && brought.value().startsWith(BEARER)
            ? brought.value().substring(BEARER.length())
            : null;
    String repository = Tokens.repository(request.path());
    if (tokens.await(asked, repository, refused, client.nanos(), waiter())) {
      try {
        new OriginFetch(this, server, new TokenReply(asked, tokens, client::nanos)).start();
      } catch (RuntimeException | Error e) {
        // Whoever waits there would wait for ever.
        tokens.settle(asked, FetchFailure.INTERNAL, e.getClass().getSimpleName());
        throw e;
      }
    }
  }

  /** Hears of the token once, or of none in time. */
  private Tokens.Waiter waiter() {
    var timeouts = upstream.remote().timeouts();
    AtomicBoolean heard = new AtomicBoolean();
    Future<?> late =
        loop.schedule(
            () -> {
              if (heard.compareAndSet(false, true)) {
                fail(FetchFailure.TOKEN_UNAVAILABLE, "no token in time");
              }
            },
            timeouts.responseHead().plus(timeouts.idle()).toNanos(),
            TimeUnit.NANOSECONDS);
    return new Tokens.Waiter() {
      @Override
      public void given(String token) {
        hear(() -> {
          credential = bearer(token);
          seek(false);
        });
      }

      @Override
      public void failed(FetchFailure reason, String detail) {
        hear(() -> fail(reason, detail));
      }

      private void hear(Runnable next) {
        if (heard.compareAndSet(false, true)) {
          late.cancel(false);
          loop.execute(next);
        }
      }
    };
  }

  /** The response that leads elsewhere is out of the way. */
  void drained() {
    Challenge asked = challenge;
    if (asked != null) {
      challenge = null;
      authorize(asked);
      return;
    }
    Redirects.Step next = step;
    step = null;
    switch (next) {
      case null -> fail(FetchFailure.INTERNAL, "drained without a redirect");
      case Redirects.Step.Refuse(String why) ->
          fail(FetchFailure.REDIRECT_REFUSED, "redirect refused: " + why);
      case Redirects.Step.Follow(Target to) -> {
        if (++redirects > Limits.REDIRECTS_MAX) {
          fail(FetchFailure.TOO_MANY_REDIRECTS, "more redirects than allowed");
          return;
        }
        client.events().redirected(remoteName());
        target = to;
        seek(false);
      }
    }
  }

  /**
   * An exchange broke: repeats it if only a dead pooled connection is to blame, else tells the
   * sink.
   */
  void failed(FetchFailure reason, String detail, boolean stale) {
    boolean lost = reason == FetchFailure.RESET || reason == FetchFailure.CLOSED_EARLY;
    if (lost && stale && retryFresh()) {
      return;
    }
    fail(reason, detail);
  }

  private boolean retryFresh() {
    if (retried) {
      return false;
    }
    retried = true;
    client.events().staleRetry(remoteName());
    seek(true);
    return true;
  }

  private void seek(boolean fresh) {
    Found found;
    Ticket ticket;
    answered = false;
    do {
      OriginPool pool = upstream.pool(target.origin());
      if (pool == null) {
        fail(FetchFailure.POOL_EXHAUSTED, "too many redirect targets at once");
        return;
      }
      asked = pool;
      // Who asks once more has been admitted.
      if (!fresh) {
        admission = pool.breaker().admit(client.nanos());
      }
      if (admission == Breaker.REFUSED) {
        fail(FetchFailure.CIRCUIT_OPEN, "the origin failed too often, and is left alone");
        return;
      }
      ticket = new Ticket(this, pool, loop, fresh);
      found = pool.acquire(ticket);
    } while (found == Found.RETIRED);
    found(ticket, found);
  }

  private void found(Ticket ticket, Found found) {
    switch (found) {
      case CONNECTION -> {
        moveTo(Objects.requireNonNull(ticket.connection));
      }
      case SLOT -> client.dialer().dial(upstream, target.origin(), ticket.pool, dialed());
      case WAIT -> ticket.waitAtMost(client.limits().poolWait().toNanos());
      case LINE_FULL -> fail(FetchFailure.POOL_EXHAUSTED, "too many fetches wait");
      case CLOSED, RETIRED -> fail(FetchFailure.SHUTDOWN, "the upstream client is closed");
    }
  }

  private Dialer.Dialed dialed() {
    return new Dialer.Dialed() {
      @Override
      public EventLoop loop() {
        return loop;
      }

      @Override
      public void connected(OriginConnection connection) {
        exchange(connection);
      }

      @Override
      public void failed(FetchFailure reason, String detail) {
        fail(reason, detail);
      }
    };
  }

  private void moveTo(OriginConnection connection) {
    loop = connection.loop();
    if (loop.inEventLoop()) {
      exchange(connection);
    } else {
      loop.execute(() -> exchange(connection));
    }
  }

  private void exchange(OriginConnection connection) {
    if (!connection.channel().isActive()) {
      // It died between the pool and here; its own close gives the slot back.
      if (!connection.isUsed() || !retryFresh()) {
        fail(FetchFailure.CLOSED_EARLY, "the upstream closed the connection");
      }
      return;
    }
    ByteBuf head;
    try {
      head =
          RequestHead.encode(
              connection.channel().alloc(), request, target, client.extras(credential, target));
    } catch (IllegalArgumentException e) {
      connection.close();
      fail(FetchFailure.INTERNAL, String.valueOf(e.getMessage()));
      return;
    } catch (RuntimeException | Error e) {
      // Out of direct memory above all: whoever asked must hear of it, and the slot come back.
      connection.close();
      fail(FetchFailure.INTERNAL, e.getClass().getSimpleName());
      return;
    }
    var timeouts = upstream.remote().timeouts();
    Pace pace = new Pace(timeouts.idle(), client.limits().originMinRate());
    client.events().requestSent(remoteName());
    new Exchange(connection, this, sink, pace)
        .start(head, request.headOnly(), timeouts.responseHead().toNanos());
  }

  private String remoteName() {
    return upstream.remote().name();
  }

  /** What a fetch without an answer says of its origin. */
  private void report(FetchFailure reason) {
    OriginPool pool = asked;
    switch (reason) {
      case BAD_MESSAGE, HEAD_TOO_LARGE, EXTRA_BYTES -> originAnswered();
      case CIRCUIT_OPEN -> {
        // It has not asked.
      }
      default -> {
        if (reason.isOriginOut()) {
          originFailed(0);
        } else if (pool != null) {
          pool.breaker().left(client.nanos(), admission);
        }
      }
    }
  }

  private void fail(FetchFailure reason, String detail) {
    if (!answered) {
      report(reason);
    }
    client.events().failed(remoteName(), reason);
    sink.onFailure(reason, detail);
  }
}
