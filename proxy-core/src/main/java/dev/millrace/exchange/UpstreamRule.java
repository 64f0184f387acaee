package dev.millrace.exchange;

import dev.millrace.artifact.ArtifactHead;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.DigestAlgorithm;
import dev.millrace.artifact.StoredArtifact;
import dev.millrace.config.RemoteSettings;
import dev.millrace.config.RemoteSettings.Verify;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.HeadRule;
import dev.millrace.format.ContentClass;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an upstream's answer to a GET: stored, relayed, or the answer itself; and what is
 * remembered of it, once for all who wait.
 *
 * <p>Of {@code Cache-Control} only {@code no-store} and {@code private} count (policy {@code
 * artifact}): a package registry's freshness is for browsers, the remote's TTLs are for artifacts.
 *
 * <p>Threading: immutable; called on the fetch's loop.
 */
record UpstreamRule(
    Remote remote,
    ArtifactKey key,
    ContentClass contentClass,
    @Nullable StoredArtifact stale,
    @Nullable Digest promised,
    ExchangeServices services)
    implements HeadRule {

  @Override
  public Verdict decide(FetchHead head) {
    RemoteSettings settings = remote.settings();
    return switch (head.status()) {
      case 200 -> whole(head);
      case 304 -> {
        if (stale != null && confirms(head, stale)) {
          extend(stale, services.clock().millis());
        }
        yield new Answer();
      }
      case 404, 410 -> {
        services.negative().remember(key, head.status(), settings.negativeTtl());
        yield new Answer();
      }
      default -> {
        if (stale != null && isOutage(head.status()) && settings.staleOnError()) {
          extendUnconfirmed(stale);
        }
        yield head.status() < 300 ? new Relay() : new Answer();
      }
    };
  }

  private Verdict whole(FetchHead head) {
    RemoteSettings settings = remote.settings();
    List<Digest> promised = settings.verify() == Verify.OFF ? List.of() : said(head);
    boolean enforced = settings.verify() == Verify.ENFORCE;
    // What only a close ends has to be proven, or its readers must not be told of a certain end.
    boolean provable =
        head.framing() != FetchHead.Framing.CLOSE || (enforced && !promised.isEmpty());
    if (contentClass == ContentClass.PASS_THROUGH
        || forbidsStoring(head.headers())
        || !provable
        || services.store().isAvoided(key)) {
      return new Relay();
    }
    services.negative().forget(key);
    boolean lasting = contentClass == ContentClass.IMMUTABLE;
    return new Store(
        keptHead(head.headers()), promised, enforced, ttlMillis(contentClass), lasting);
  }

  /** What never changes is found under the path that says so, too. */
  @Override
  public void stored(StoredArtifact artifact) {
    String lasting = remote.format().lastingPath(key.plainPath(), artifact.digest());
    if (lasting != null && remote.classifier().classify(lasting) == ContentClass.IMMUTABLE) {
      services
          .store()
          .alsoName(
              artifact.under(
                  new ArtifactKey(key.remote(), lasting),
                  expiry(ttlMillis(ContentClass.IMMUTABLE))));
    }
  }

  /** The digests that a body must have, or nobody is told that it is whole. */
  List<Digest> enforcedDigests(FetchHead head) {
    return head.status() == 200 && remote.settings().verify() == Verify.ENFORCE
        ? said(head)
        : List.of();
  }

  /** The digest that the upstream says a body has, believed or not; null when it says none. */
  @Nullable Digest saidSha256(FetchHead head) {
    return head.status() == 200
        ? said(head).stream()
            .filter(digest -> digest.algorithm() == DigestAlgorithm.SHA_256)
            .findFirst()
            .orElse(null)
        : null;
  }

  /** By an index, and by the answer itself. */
  private List<Digest> said(FetchHead head) {
    List<Digest> byHead = remote.format().promisedDigests(key.plainPath(), head.headers()::getAll);
    Digest byIndex = promised;
    if (byIndex == null) {
      return byHead;
    }
    List<Digest> all = new ArrayList<>();
    all.add(byIndex);
    byHead.stream().filter(digest -> digest.algorithm() != byIndex.algorithm()).forEach(all::add);
    return all;
  }

  /** A 304 with another strong tag is about another body than ours (RFC 9111 §4.3.4). */
  private static boolean confirms(FetchHead head, StoredArtifact copy) {
    String tag = head.headers().get(HttpHeaderNames.ETAG);
    return tag == null || tag.startsWith("W/") || tag.equals(copy.head().etag());
  }

  /** Gives a copy another term while its upstream is out, without making it younger. */
  void extendUnconfirmed(StoredArtifact copy) {
    // A clock that was set back must not leave it confirmed in the future, and so never fresh.
    extend(copy, Math.min(copy.validatedAtMillis(), services.clock().millis()));
  }

  /** Gives a stored copy another term of freshness. */
  private void extend(StoredArtifact copy, long validatedAtMillis) {
    long expires = expiry(ttlMillis(contentClass));
    services.store().refresh(copy.refreshed(validatedAtMillis, expires));
  }

  private long expiry(long ttl) {
    return ttl == StoredArtifact.NEVER ? StoredArtifact.NEVER : services.clock().millis() + ttl;
  }

  private long ttlMillis(ContentClass of) {
    Duration ttl =
        of == ContentClass.MUTABLE
            ? remote.settings().mutableTtl()
            : remote.settings().immutableTtl();
    return of == ContentClass.IMMUTABLE && ttl.isZero() ? StoredArtifact.NEVER : ttl.toMillis();
  }

  /** Whether an upstream's status means that it is out, so that a stale copy may stand in. */
  static boolean isOutage(int status) {
    return status >= 500 || status == 429;
  }

  static boolean forbidsStoring(HttpHeaders headers) {
    for (String line : headers.getAll(HttpHeaderNames.CACHE_CONTROL)) {
      for (String directive : line.toLowerCase(Locale.ROOT).split(",", -1)) {
        String name = directive.strip();
        if (name.equals("no-store") || name.equals("private") || name.startsWith("private=")) {
          return true;
        }
      }
    }
    for (String line : headers.getAll(HttpHeaderNames.VARY)) {
      // What we ask by is in the key, so only what no key could hold forbids.
      if (line.contains("*") || line.toLowerCase(Locale.ROOT).contains("cookie")) {
        return true;
      }
    }
    return false;
  }

  /** What is kept of a head. */
  static ArtifactHead keptHead(HttpHeaders headers) {
    return new ArtifactHead(
        headers.get(HttpHeaderNames.CONTENT_TYPE),
        headers.get(HttpHeaderNames.CONTENT_ENCODING),
        headers.get(HttpHeaderNames.CONTENT_DISPOSITION),
        headers.get(HttpHeaderNames.CONTENT_LANGUAGE),
        headers.get(HttpHeaderNames.ETAG),
        headers.get(HttpHeaderNames.LAST_MODIFIED),
        headers.get("Link"));
  }
}
