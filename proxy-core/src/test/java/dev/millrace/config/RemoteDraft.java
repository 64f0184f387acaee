package dev.millrace.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A remote with the contract's defaults, of which a test changes what it is about. */
public final class RemoteDraft {
  private String name = "gen";
  private String type = "generic";
  private URI baseUrl = URI.create("http://origin.example.com");
  private Set<String> fileHosts = Set.of();
  private Duration immutableTtl = Duration.ZERO;
  private Duration mutableTtl = Duration.ofHours(1);
  private boolean staleOnError = true;
  private RemoteSettings.Verify verify = RemoteSettings.Verify.ENFORCE;
  private RemoteSettings.CompletePartial completePartial = RemoteSettings.CompletePartial.AUTO;
  private int parallelSegments = 1;
  private boolean fillAfterDisconnect = true;

  /** Its name. */
  public RemoteDraft named(String other) {
    name = other;
    return this;
  }

  /** Its package type and where it is. */
  public RemoteDraft of(String packageType, URI url) {
    type = packageType;
    baseUrl = url;
    return this;
  }

  /** Other hosts that its files are on. */
  public RemoteDraft fileHosts(String... hosts) {
    fileHosts = Set.of(hosts);
    return this;
  }

  /** Freshness of immutable content. */
  public RemoteDraft immutableTtl(Duration ttl) {
    immutableTtl = ttl;
    return this;
  }

  /** Freshness of mutable content. */
  public RemoteDraft mutableTtl(Duration ttl) {
    mutableTtl = ttl;
    return this;
  }

  /** An outage serves no stale copy. */
  public RemoteDraft withoutStaleOnError() {
    staleOnError = false;
    return this;
  }

  /** What a digest that does not match does. */
  public RemoteDraft verify(RemoteSettings.Verify what) {
    verify = what;
    return this;
  }

  /** A fill ends with its last client. */
  public RemoteDraft withoutFillAfterDisconnect() {
    fillAfterDisconnect = false;
    return this;
  }

  /** What becomes of a body of which a part was asked for. */
  public RemoteDraft completePartial(RemoteSettings.CompletePartial when) {
    completePartial = when;
    return this;
  }

  /** Fetches at once for one body. */
  public RemoteDraft parallelSegments(int count) {
    parallelSegments = count;
    return this;
  }

  /** The remote. */
  public RemoteSettings settings() {
    Duration seconds = Duration.ofSeconds(10);
    return new RemoteSettings(
        name,
        type,
        baseUrl,
        "",
        "",
        "",
        null,
        immutableTtl,
        mutableTtl,
        Duration.ofMinutes(1),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        true,
        staleOnError,
        true,
        fileHosts,
        "",
        verify,
        true,
        completePartial,
        parallelSegments,
        fillAfterDisconnect,
        32,
        new RemoteSettings.OriginTimeouts(seconds, seconds, seconds, seconds),
        null,
        false,
        false);
  }
}
