package dev.millrace.serve;

import dev.millrace.artifact.Preconditions;
import dev.millrace.artifact.RangeRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request without a body, strictly read, whatever the protocol version.
 *
 * @param method the method as sent
 * @param target the target in origin form
 * @param headers its fields
 * @param clientAddress the peer's address, for the log
 * @param tls whether it came by TLS
 * @param startedNanos when its head was whole, on the loop's clock
 */
public record ClientRequest(
    String method,
    String target,
    HttpHeaders headers,
    String clientAddress,
    boolean tls,
    long startedNanos) {

  /** Whether no body is wanted. */
  public boolean isHead() {
    return method.equals("HEAD");
  }

  /** Its conditions; several lines of a single-valued field make it malformed, and so ignored. */
  public Preconditions preconditions() {
    return new Preconditions(
        joined(HttpHeaderNames.IF_MATCH),
        joined(HttpHeaderNames.IF_NONE_MATCH),
        joined(HttpHeaderNames.IF_MODIFIED_SINCE),
        joined(HttpHeaderNames.IF_UNMODIFIED_SINCE),
        joined(HttpHeaderNames.IF_RANGE));
  }

  /** The range it asks for; several lines ask for the whole. */
  public RangeRequest range() {
    if (!headers.contains(HttpHeaderNames.RANGE)) {
      return new RangeRequest.Whole();
    }
    List<String> lines = headers.getAll(HttpHeaderNames.RANGE);
    return lines.size() == 1 ? RangeRequest.parse(lines.getFirst()) : new RangeRequest.Whole();
  }

  private @Nullable String joined(CharSequence name) {
    // Most requests have none of these, and a list for each would be the dearest part of a hit.
    return headers.contains(name) ? String.join(", ", headers.getAll(name)) : null;
  }
}
