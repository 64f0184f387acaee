package dev.millrace.fill;

import dev.millrace.config.RemoteSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request to an upstream.
 *
 * @param remote the remote that is asked
 * @param path raw path and query below its base URL, without a leading slash
 * @param headOnly {@code HEAD} instead of {@code GET}
 * @param accept lines of {@code Accept}; none for whatever there is
 * @param ifNoneMatch value for {@code If-None-Match}, of a stored copy
 * @param ifModifiedSince value for {@code If-Modified-Since}, of a stored copy
 * @param part the part that is asked for, null for the whole
 */
public record FetchRequest(
    RemoteSettings remote,
    String path,
    boolean headOnly,
    List<String> accept,
    @Nullable String ifNoneMatch,
    @Nullable String ifModifiedSince,
    @Nullable Part part) {

  /**
   * A part of a body (RFC 9110 §14.1.2, §13.1.5).
   *
   * @param firstByte where it begins
   * @param end the first byte after it, {@link Long#MAX_VALUE} for all that follows
   * @param ifRange strong validator of the body that it is to be a part of; null when that is not
   *     known yet, or nothing but its digest matters
   */
  public record Part(long firstByte, long end, @Nullable String ifRange) {
    /** What the {@code Range} field says. */
    public String range() {
      return "bytes=" + firstByte + "-" + (end == Long.MAX_VALUE ? "" : end - 1);
    }
  }

  /** Copies the list. */
  public FetchRequest {
    accept = List.copyOf(accept);
  }

  /** An unconditional GET of the whole, whatever it is. */
  public static FetchRequest get(RemoteSettings remote, String path) {
    return new FetchRequest(remote, path, false, List.of(), null, null, null);
  }

  /** The same, which takes only what these lines of {@code Accept} allow. */
  public FetchRequest accepting(List<String> lines) {
    return new FetchRequest(remote, path, headOnly, lines, ifNoneMatch, ifModifiedSince, part);
  }

  /** A GET that is answered 304 where that copy is the current one; each part may be unknown. */
  public FetchRequest unless(@Nullable String etag, @Nullable String lastModified) {
    return new FetchRequest(remote, path, false, accept, etag, lastModified, null);
  }

  /** An unconditional GET of the whole. */
  public FetchRequest whole() {
    return unless(null, null);
  }

  /** A GET for a part. */
  public FetchRequest only(Part wanted) {
    return new FetchRequest(remote, path, false, accept, null, null, wanted);
  }

  /** An unconditional HEAD. */
  public FetchRequest head() {
    return new FetchRequest(remote, path, true, accept, null, null, null);
  }

  /** Whether a 304 may be the answer. */
  public boolean isConditional() {
    return ifNoneMatch != null || ifModifiedSince != null;
  }
}
