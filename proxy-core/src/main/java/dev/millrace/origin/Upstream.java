package dev.millrace.origin;

import dev.millrace.artifact.LinkedFile;
import dev.millrace.config.Limits;
import dev.millrace.config.RemoteSettings;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One remote at work: its credential and tokens, its TLS settings and its connections. Nothing of
 * it is shared with another remote, even on the same host.
 *
 * <p>Limits: one pool for its own origin and {@code Limits.REDIRECT_POOLS_MAX} for redirect
 * targets.
 *
 * <p>Threading: thread-safe by its own monitors.
 *
 * <p>Ownership: the pools, and the TLS context until {@link #close}.
 */
final class Upstream {
  private final RemoteSettings remote;
  private final Origin origin;
  private final String basePath;
  private final @Nullable Credential credential;
  private final @Nullable Origin tokenServer;
  private final Tokens tokens = new Tokens();
  private final Map<Origin, OriginPool> pools = new HashMap<>();
  private final Object tlsLock = new Object();
  private @Nullable SslContext tls;
  private boolean tlsClosed;
  private boolean closed;

  /** Errors: {@link IllegalArgumentException} for a base URL that settings should have refused. */
  Upstream(RemoteSettings remote) {
    this.remote = remote;
    Origin base = Origin.of(remote.baseUrl());
    if (base == null) {
      throw new IllegalArgumentException("remote " + remote.name() + " has no usable base URL");
    }
    this.origin = base;
    URI server = remote.tokenServer();
    this.tokenServer = server == null ? null : Origin.of(server);
    String path = remote.baseUrl().getRawPath();
    this.basePath =
        path == null ? "" : path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    this.credential =
        remote.username().isEmpty() && remote.password().isEmpty()
            ? null
            : new Credential(base, basic(remote.username(), remote.password()));
  }

  /** Value of a Basic credential (RFC 7617). */
  static String basic(String username, String password) {
    byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  RemoteSettings remote() {
    return remote;
  }

  /** The origin of the base URL. */
  Origin origin() {
    return origin;
  }

  /** What a path below the base URL means; one of a linked file leads to another host. */
  Target target(String path) {
    LinkedFile elsewhere = LinkedFile.parse(path);
    Origin other = elsewhere == null ? null : Origin.of(URI.create(elsewhere.origin()));
    return elsewhere == null || other == null
        ? new Target(origin, basePath + "/" + path)
        : new Target(other, elsewhere.pathAndQuery());
  }

  /** The configured credential, null for none. */
  @Nullable Credential credential() {
    return credential;
  }

  /** Where a token may be asked for with the credential, besides its own origin; null for none. */
  @Nullable Origin tokenServer() {
    return tokenServer;
  }

  /** Its bearer tokens. */
  Tokens tokens() {
    return tokens;
  }

  /** Whether the settings name that origin's host as one that files are on. */
  boolean isFileHost(Origin asked) {
    return remote.hasFilesAt(asked.authority());
  }

  /** The connections to an origin, or null when too many redirect targets are in use. */
  synchronized @Nullable OriginPool pool(Origin asked) {
    OriginPool known = pools.get(asked);
    if (known != null && !known.isRetired()) {
      return known;
    }
    if (known == null && pools.size() > Limits.REDIRECT_POOLS_MAX) {
      pools.entrySet().removeIf(e -> !e.getKey().equals(origin) && e.getValue().retireIfUnused());
      if (pools.size() > Limits.REDIRECT_POOLS_MAX) {
        return null;
      }
    }
    OriginPool pool = new OriginPool(remote.maxConnections());
    if (closed) {
      pool.close();
    }
    pools.put(asked, pool);
    return pool;
  }

  /**
   * TLS settings, made at first use. Threading: may read files, so never on an event loop.
   * Ownership: one reference for the caller. Errors: also when this is closed.
   */
  SslContext retainTls() throws IOException, GeneralSecurityException {
    synchronized (tlsLock) {
      if (tlsClosed) {
        throw new IOException("closed");
      }
      SslContext context = tls;
      if (context == null) {
        context = TlsContexts.open(remote.caFile());
        tls = context;
      }
      return ReferenceCountUtil.retain(context);
    }
  }

  /** Whether it holds no connection. */
  boolean isUnused() {
    return pools().stream().allMatch(pool -> pool.taken() == 0);
  }

  /** A copy of the list of pools. */
  synchronized List<OriginPool> pools() {
    return new ArrayList<>(pools.values());
  }

  /** Refuses new fetches and closes unused connections; running fetches go on. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    pools().forEach(OriginPool::close);
    synchronized (tlsLock) {
      tlsClosed = true;
      // Sessions that stand hold references of their own.
      ReferenceCountUtil.release(tls);
      tls = null;
    }
  }

  /** Never shows the credential. */
  @Override
  public String toString() {
    return "upstream of " + remote.name();
  }
}
