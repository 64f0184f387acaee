package dev.millrace.fill;

import dev.millrace.config.RemoteSettings;
import org.jspecify.annotations.Nullable;

/**
 * One request to an upstream.
 *
 * @param remote the remote that is asked
 * @param path raw path and query below its base URL, without a leading slash
 * @param headOnly {@code HEAD} instead of {@code GET}
 * @param ifNoneMatch value for {@code If-None-Match}, of a stored copy
 * @param ifModifiedSince value for {@code If-Modified-Since}, of a stored copy
 */
public record FetchRequest(
    RemoteSettings remote,
    String path,
    boolean headOnly,
    @Nullable String ifNoneMatch,
    @Nullable String ifModifiedSince) {

  /** An unconditional GET. */
  public static FetchRequest get(RemoteSettings remote, String path) {
    return new FetchRequest(remote, path, false, null, null);
  }

  /** An unconditional HEAD. */
  public static FetchRequest head(RemoteSettings remote, String path) {
    return new FetchRequest(remote, path, true, null, null);
  }
}
