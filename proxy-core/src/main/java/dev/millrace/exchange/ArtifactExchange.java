package dev.millrace.exchange;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.LinkedFile;
import dev.millrace.artifact.RangeRequest;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchRequest;
import dev.millrace.fill.FetchSink;
import dev.millrace.fill.Fill;
import dev.millrace.fill.FillFailure;
import dev.millrace.fill.FillOrder;
import dev.millrace.fill.FillState;
import dev.millrace.fill.FillTable;
import dev.millrace.format.Choice;
import dev.millrace.format.ContentClass;
import dev.millrace.observe.FetchFailure;
import dev.millrace.observe.Refusal;
import dev.millrace.observe.Unrewritten;
import dev.millrace.serve.RelayBody;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for one artifact of a remote.
 *
 * <pre>
 * rules ─► classify ─► look up ─┬─ fresh ─────────────────────────► from the store
 *                               ├─ stale or absent ─► join ─► watch ─┬─ streaming, whole ─► from the fill
 *                               │                                    ├─ answered ─► 304: store; else error
 *                               │                                    ├─ relayed ──► a fetch of one's own
 *                               │                                    ├─ withdrawn ─► look up
 *                               │                                    └─ failed ───► stale copy or error
 *                               └─ HEAD and nothing runs ─► upstream HEAD
 * </pre>
 *
 * <p>Limits: {@link #LOOK_UPS_MAX} look-ups; a store that keeps losing what it names ends in 503.
 *
 * <p>Threading: confined to the client's event loop.
 */
final class ArtifactExchange {
  private static final int LOOK_UPS_MAX = 4;

  private final Exchange exchange;
  private final ExchangeServices services;
  private final Remote remote;
  private final ArtifactKey key;
  private final @Nullable LinkedFile elsewhere;
  private List<String> accept;
  private ContentClass contentClass;
  private boolean isIndex;
  private final StoredAnswer storedAnswer;
  private final Runnable changed = this::fillChanged;
  private @Nullable StoredArtifact stale;
  private @Nullable Digest promised;
  private boolean promiseKnown;
  private @Nullable Fill watched;
  private boolean leader;
  private boolean joinedWhole;
  private boolean blobLost;
  private int lookUps;

  ArtifactExchange(Exchange exchange, ExchangeServices services, Remote remote, String path) {
    this.exchange = exchange;
    this.services = services;
    this.remote = remote;
    Choice choice =
        remote
            .format()
            .choose(
                ArtifactKey.withoutQuery(path),
                () -> exchange.request().headers().getAll(HttpHeaderNames.ACCEPT));
    this.key = new ArtifactKey(remote.settings().name(), path, choice.variant());
    this.accept = choice.accept();
    this.elsewhere = LinkedFile.parse(key.plainPath());
    this.contentClass = remote.classifier().classify(path);
    this.isIndex = remote.format().isIndex(key.plainPath());
    this.storedAnswer = new StoredAnswer(exchange, services);
  }

  /** Begins with the remote's rules. */
  void start() {
    Refusal refusal = remote.rules().refusalOf(key.path());
    if (refusal != null) {
      exchange.refuse(refusal);
    } else if (!remote.format().knows(key.plainPath())) {
      exchange.refuse(Refusal.NO_ROUTE);
    } else if (contentClass != ContentClass.PASS_THROUGH || elsewhere != null) {
      exchange.isolate(elsewhere != null);
      lookUp();
    } else {
      bypass();
    }
  }

  /** Looks in memory, then in the catalog. */
  private void lookUp() {
    if (exchange.responder().isOver()) {
      return;
    }
    if (++lookUps > LOOK_UPS_MAX) {
      exchange.refuse(Refusal.STORE);
      return;
    }
    StoredArtifact hot = services.store().findHot(key);
    if (hot != null) {
      found(Optional.of(hot));
      return;
    }
    var ignored =
        services
            .store()
            .find(key)
            .whenComplete((artifact, failure) ->
                // Without the catalog the upstream still answers.
                exchange
                    .responder()
                    .execute(() -> found(failure == null ? artifact : Optional.empty())));
  }

  private void found(Optional<StoredArtifact> artifact) {
    if (exchange.responder().isOver()) {
      // Joining now would count a reader in that nothing counts out again.
      return;
    }
    long now = services.clock().millis();
    if (artifact.isPresent() && artifact.get().isFresh(now)) {
      serveStored(artifact.get(), AnswerSource.HIT);
      return;
    }
    stale = artifact.orElse(null);
    int absence = services.negative().statusOf(key);
    if (absence != 0) {
      exchange.refuseAsAbsent(absence);
    } else {
      miss();
    }
  }

  /** First what an index has promised of it. */
  private void miss() {
    if (promiseKnown || !remote.isPromised()) {
      admit();
      return;
    }
    remote.askPromise(
        key,
        services.store(),
        exchange.responder(),
        digest -> {
          promised(digest);
          if (!exchange.isAnswered()) {
            admit();
          }
        });
  }

  /** What is promised is a file and never changes, whatever its path looks like. */
  private void promised(@Nullable Digest digest) {
    promiseKnown = true;
    promised = digest;
    if (digest != null) {
      contentClass = ContentClass.IMMUTABLE;
      isIndex = false;
      accept = List.of();
    }
  }

  /** A file of another host is fetched if an index leads to it. */
  private void admit() {
    LinkedFile file = elsewhere;
    if (file == null || promised != null || remote.reaches(file)) {
      fetch();
    } else {
      exchange.refuse(Refusal.FILE_HOST);
    }
  }

  private void fetch() {
    if (exchange.request().isHead()) {
      Fill running = services.fills().follow(key);
      if (running == null) {
        askUpstreamHead();
      } else {
        follow(running);
      }
    } else {
      join();
    }
  }

  private void serveStored(StoredArtifact artifact, AnswerSource source) {
    services.store().touch(key);
    Unrewritten reason = unread(artifact.head(), artifact.sizeBytes());
    if (!isIndex || reason != null) {
      storedAnswer.serve(artifact, said(source, reason), this::lost);
      return;
    }
    IndexAnswer.Otherwise otherwise =
        new IndexAnswer.Otherwise(
            () -> {},
            why -> storedAnswer.serve(artifact, said(source, why), this::lost),
            this::lost);
    BodySource body = BodySource.of(services.store(), artifact.digest());
    new IndexAnswer(exchange, services, remote, otherwise).serve(artifact, body, source);
  }

  /** Why an index is served as it came; null of what is none. */
  private @Nullable Unrewritten unread(ArtifactHead head, long lengthBytes) {
    return isIndex ? services.indexes().refusal(remote, key.plainPath(), head, lengthBytes) : null;
  }

  /** The source, and why its index is served as it came, if it was not to be. */
  private AnswerSource said(AnswerSource source, @Nullable Unrewritten reason) {
    return reason == null || !remote.settings().rewriteLinks() ? source : source.saying(reason);
  }

  /** The blob of what the catalog named is gone: a miss, which the next commit heals. */
  private void lost() {
    blobLost = true;
    stale = null;
    miss();
  }

  private void join() {
    switch (services.fills().join(key, this::order)) {
      case FillTable.Full() -> serveStaleOr(() -> exchange.refuse(Refusal.FILLS));
      case FillTable.Follow(Fill fill) -> follow(fill);
      case FillTable.Lead lead -> lead(lead);
    }
  }

  private void lead(FillTable.Lead lead) {
    // Our look-up may have missed, and then an earlier fill may have committed and left the table.
    StoredArtifact committed = services.store().findHot(key);
    if (!blobLost && committed != null && committed.isFresh(services.clock().millis())) {
      services.fills().withdraw(lead);
      serveStored(committed, AnswerSource.HIT);
      return;
    }
    leader = true;
    watch(lead.fill());
    lead.fill().start();
  }

  private void follow(Fill fill) {
    leader = false;
    joinedWhole = fill.state().isWhole();
    watch(fill);
  }

  /** What is asked of the upstream; a hit asks for nothing, and makes none. */
  private FetchRequest upstreamRequest() {
    return FetchRequest.get(remote.settings(), key.path()).accepting(accept);
  }

  private FillOrder order() {
    StoredArtifact copy = remote.settings().checkMutable() ? stale : null;
    FetchRequest request =
        upstreamRequest()
            .unless(
                copy == null ? null : copy.head().etag(),
                copy == null || copy.head().etag() != null ? null : copy.head().lastModified());
    return new FillOrder(key, request, rule(), asked(), relay());
  }

  /** What is wanted of the body; a condition on the range can only be told once it is known. */
  private RangeRequest asked() {
    return exchange.request().preconditions().allowsRange(null, null)
        ? exchange.request().range()
        : new RangeRequest.Whole();
  }

  private UpstreamRule rule() {
    return new UpstreamRule(remote, key, contentClass, stale, promised, services);
  }

  private FetchSink relay() {
    UpstreamRule rule = rule();
    AnswerSource source = said(AnswerSource.PASS, isIndex ? Unrewritten.NOT_STORED : null);
    RelayBody relay =
        new RelayBody(
            exchange.responder(), services.budget(), new RelayAnswer(exchange, rule, source));
    return services.fills().proving(key, rule::enforcedDigests, relay);
  }

  /** Waits until the answer of that fill, which we have joined, is known. */
  private void watch(Fill fill) {
    watched = fill;
    exchange.responder().whenGone(this::leave);
    look();
  }

  private void leave() {
    Fill fill = watched;
    watched = null;
    if (fill != null) {
      fill.forget(exchange.responder().loop(), changed);
      fill.leave();
    }
  }

  private void fillChanged() {
    exchange.responder().run(this::look);
  }

  private void look() {
    Fill fill = watched;
    if (fill == null) {
      // The client left, or an earlier wake has seen the answer.
      return;
    }
    FillState state = fill.state();
    if (isTooEarly(fill, state)) {
      fill.await(exchange.responder().loop(), changed);
      state = fill.state();
      if (isTooEarly(fill, state)) {
        return;
      }
    }
    if (!isHit()) {
      exchange.record().upstreamHead(fill.upstreamHeadNanos());
    }
    switch (state) {
      case STREAMING, DIVERTED, WHOLE, STORED, UNSTORED -> serveFill(fill);
      case ANSWERED -> {
        leave();
        answered(fill.answer());
      }
      case RELAYED -> {
        leave();
        if (!leader) {
          bypass();
        }
      }
      case WITHDRAWN -> {
        leave();
        lookUp();
      }
      case FAILED -> {
        leave();
        failed(fill.failure());
      }
      case OPENING -> throw new AssertionError("left " + FillState.OPENING);
    }
  }

  /** An index is read once it is whole, unless that is too much to wait for. */
  private boolean isTooEarly(Fill fill, FillState state) {
    return state == FillState.OPENING
        || (state == FillState.STREAMING
            && isIndex
            && unread(fill.head().head(), fill.knownBytes()) == null);
  }

  /** Whether the body was whole when we joined: it waits for its commit, and we for no upstream. */
  private boolean isHit() {
    return joinedWhole && !leader;
  }

  private void serveFill(Fill fill) {
    watched = null;
    fill.forget(exchange.responder().loop(), changed);
    // By when we joined, not by where the fill is now: a small one is often whole, or even stored,
    // before its own leader gets to look.
    AnswerSource source =
        isHit()
            ? AnswerSource.HIT
            : stale == null
                ? leader ? AnswerSource.MISS : AnswerSource.JOINED
                : leader ? AnswerSource.RENEWED : AnswerSource.RENEWED_JOINED;
    if (leader) {
      keepInMemory(fill);
    }
    boolean whole = fill.state().isWhole();
    Unrewritten reason =
        whole
            ? unread(fill.artifact().head(), fill.artifact().sizeBytes())
            : unread(fill.head().head(), fill.knownBytes());
    if (isIndex && whole && reason == null) {
      serveIndex(fill, source);
    } else {
      serveBody(fill, said(source, reason));
    }
  }

  /** From here the answer holds our place among the readers. */
  private void serveBody(Fill fill, AnswerSource source) {
    new FillAnswer(exchange, fill, services.budget()).serve(source, this::lookUp);
  }

  /** The place among the readers is held until the index has been opened, or its copy has. */
  private void serveIndex(Fill fill, AnswerSource source) {
    watched = fill;
    IndexAnswer.Otherwise otherwise =
        new IndexAnswer.Otherwise(
            this::leave,
            reason -> {
              if (watched != null) {
                watched = null;
                serveBody(fill, said(source, reason));
              }
            },
            () -> {
              leave();
              lookUp();
            });
    new IndexAnswer(exchange, services, remote, otherwise)
        .serve(fill.artifact(), BodySource.of(fill, services.store()), source);
  }

  /** A small body stays there, so that the next asker needs no file. */
  private void keepInMemory(Fill fill) {
    ByteBuf small = fill.openSmall();
    if (small != null) {
      services.hot().keep(fill.artifact().digest(), small);
    }
  }

  /** The upstream answered without a body for us. */
  private void answered(FetchHead answer) {
    StoredArtifact copy = stale;
    int status = answer.status();
    if (status == 304) {
      if (copy == null) {
        // It is about the leader's copy, which we had not found when we joined.
        lookUp();
        return;
      }
      StoredArtifact renewed = services.store().findHot(key);
      serveStored(renewed == null ? copy : renewed, AnswerSource.REVALIDATED);
    } else {
      refused(answer);
    }
  }

  private void failed(FillFailure failure) {
    exchange.record().failure(failure.reason());
    if (!failure.reason().isOutage()) {
      exchange.refuse(failure.reason());
      return;
    }
    StoredArtifact copy = stale;
    if (leader && copy != null && remote.settings().staleOnError()) {
      rule().extendUnconfirmed(copy);
    }
    serveStaleOr(() -> exchange.refuse(failure.reason()));
  }

  private void serveStaleOr(Runnable otherwise) {
    StoredArtifact copy = stale;
    if (copy != null && remote.settings().staleOnError()) {
      serveStored(copy, AnswerSource.STALE);
    } else {
      otherwise.run();
    }
  }

  /** Asks for this client alone; nothing is stored. */
  private void bypass() {
    if (exchange.request().isHead()) {
      askUpstreamHead();
    } else {
      relayAlone();
    }
  }

  private void relayAlone() {
    services.fetcher().fetch(upstreamRequest(), relay());
  }

  private void askUpstreamHead() {
    boolean isIndex = remote.settings().rewriteLinks() && remote.format().isIndex(key.plainPath());
    HeadAnswer answer = new HeadAnswer(exchange, rule(), isIndex, this::refused, this::headFailed);
    services.fetcher().fetch(upstreamRequest().head(), answer);
  }

  /** An answer to HEAD is not remembered: some say 404 where a GET has a body. */
  private void refused(FetchHead head) {
    if (UpstreamRule.isOutage(head.status())) {
      serveStaleOr(() -> exchange.refuseAsUpstream(head));
    } else {
      exchange.refuseAsUpstream(head);
    }
  }

  private void headFailed(FetchFailure reason) {
    if (reason.isOutage()) {
      serveStaleOr(() -> exchange.refuse(reason));
    } else {
      exchange.refuse(reason);
    }
  }
}
