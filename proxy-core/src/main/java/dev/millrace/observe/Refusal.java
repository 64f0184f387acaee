package dev.millrace.observe;

/**
 * Why Millrace itself says no. Each reason is the label of the counter, the word in the log and the
 * {@code detail} of the answer.
 */
public enum Refusal {
  /** The bytes are not one unambiguous HTTP request (RFC 9112). */
  BAD_REQUEST(400, "The request is not valid HTTP."),
  /** The path holds dot segments, bad escapes or control bytes. */
  BAD_PATH(400, "The path is not acceptable."),
  /** A request body where none is taken. */
  BODY_NOT_ALLOWED(400, "This request takes no body."),
  /** The target is longer than allowed. */
  TARGET_TOO_LONG(414, "The request target is too long."),
  /** The head is larger than allowed, or has too many fields. */
  HEAD_TOO_LARGE(431, "The request head is too large."),
  /** Not an HTTP version we speak. */
  VERSION(505, "This HTTP version is not supported."),
  /** The method is not taken here. */
  METHOD(405, "The method is not allowed here."),
  /** An {@code Expect} other than 100-continue. */
  EXPECTATION(417, "The expectation cannot be met."),
  /** No such route. */
  NO_ROUTE(404, "There is nothing here."),
  /** No remote of that name. */
  UNKNOWN_REMOTE(404, "There is no remote of that name."),
  /** The remote's blocklist matches. */
  BLOCKLIST(403, "The remote's blocklist refuses this path."),
  /** The remote's patterns do not match. */
  PATTERNS(403, "The remote's patterns do not allow this path."),
  /** The tag is banned. */
  BANNED_TAG(403, "The remote does not serve this tag."),
  /** No index of the remote leads to that host. */
  FILE_HOST(403, "The remote does not fetch files of this host."),
  /** The upstream said recently that it has no such artifact. */
  NEGATIVE(404, "The upstream has no such artifact."),
  /** A condition of the request is false. */
  PRECONDITION(412, "A condition of the request is false."),
  /** The range lies outside the body. */
  RANGE(416, "The range lies outside the body."),
  /** The upstream answered with an error of its own. */
  UPSTREAM_STATUS(502, "The upstream answered with an error."),
  /** The fetch broke; its {@link FetchFailure} says how. */
  UPSTREAM_FAILED(502, "The upstream gave no whole answer."),
  /** As many fills run as are allowed. */
  FILLS(503, "Too many fetches are running."),
  /** As many connections are open as are allowed. */
  CONNECTIONS(503, "Too many connections are open."),
  /** The catalog or the store could not answer. */
  STORE(503, "The store cannot answer now."),
  /** A request's head did not come in time. */
  HEAD_TIMEOUT(408, "The request did not arrive in time.");

  private final int status;
  private final String title;

  Refusal(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The status of the answer; an upstream's own status replaces it where there is one. */
  public int status() {
    return status;
  }

  /** One sentence for the answer. */
  public String title() {
    return title;
  }

  /** The spelling in metrics, logs and answers. */
  public String label() {
    return Labels.of(this);
  }
}
