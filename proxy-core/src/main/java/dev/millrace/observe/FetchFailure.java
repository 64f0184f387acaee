package dev.millrace.observe;

/**
 * Why a fetch from an upstream gave no whole answer. Each reason is the label of the counter, the
 * word in the log and the {@code detail} of the answer.
 */
public enum FetchFailure {
  /** The host name did not resolve. */
  DNS(502),
  /** The connection was refused or unreachable. */
  REFUSED(502),
  /** No connection within the dial timeout. */
  DIAL_TIMEOUT(504),
  /** No TLS session within its timeout. */
  TLS_TIMEOUT(504),
  /** The certificate or the handshake was not acceptable. */
  TLS(502),
  /** The outbound HTTP proxy would not open a tunnel. */
  TUNNEL(502),
  /** No free connection to this upstream within the wait. */
  POOL_EXHAUSTED(503),
  /** The origin failed too often in a row, and is left alone for a while. */
  CIRCUIT_OPEN(503),
  /** No response head within the timeout. */
  HEAD_TIMEOUT(504),
  /** No byte of the body within the idle timeout. */
  IDLE_TIMEOUT(504),
  /** The body came slower than the minimum rate. */
  TOO_SLOW(504),
  /** The connection was reset. */
  RESET(502),
  /** The connection ended before the head or before the announced end of the body. */
  CLOSED_EARLY(502),
  /** What came is not valid HTTP, or its framing is ambiguous. */
  BAD_MESSAGE(502),
  /**
   * Bytes came behind the announced end of the body, so the announced length is not to be believed.
   */
  EXTRA_BYTES(502),
  /** Head fields over the limits, or too many interim responses. */
  HEAD_TOO_LARGE(502),
  /** More redirects than allowed, or a loop. */
  TOO_MANY_REDIRECTS(502),
  /** A redirect to a place this remote must not go to. */
  REDIRECT_REFUSED(502),
  /** The upstream wants a token, and its token server would not give one. */
  TOKEN_REFUSED(502),
  /** The upstream wants a token, and its token server is out. */
  TOKEN_UNAVAILABLE(502),
  /** The body did not hash to the digest that was promised. */
  DIGEST_MISMATCH(502),
  /** The body did not have the length that was promised. */
  LENGTH_MISMATCH(502),
  /** What was answered to a request for the rest of a body is not its rest. */
  RANGE_MISMATCH(502),
  /** The upstream replaced the body while it was being fetched. */
  CHANGED(502),
  /** The spool could not be written. */
  STORAGE(502),
  /** Nobody wanted it any more. */
  ABANDONED(503),
  /** Millrace is shutting down. */
  SHUTDOWN(503),
  /** A fault of our own. */
  INTERNAL(502);

  private final int status;

  FetchFailure(int status) {
    this.status = status;
  }

  /** The status of the answer when no byte has left yet. */
  public int status() {
    return status;
  }

  /** The spelling in metrics, logs and answers: lower case with hyphens. */
  public String label() {
    return Labels.of(this);
  }

  /** Whether it tells of an origin that does not answer, rather than of us or of one answer. */
  public boolean isOriginOut() {
    return switch (this) {
      case POOL_EXHAUSTED, CIRCUIT_OPEN, TOKEN_UNAVAILABLE -> false;
      default -> isOutage();
    };
  }

  /** Whether it means that the upstream is unreachable, so that a stale copy may be served. */
  public boolean isOutage() {
    return switch (this) {
      case DNS,
          REFUSED,
          DIAL_TIMEOUT,
          TLS_TIMEOUT,
          TLS,
          TUNNEL,
          POOL_EXHAUSTED,
          CIRCUIT_OPEN,
          HEAD_TIMEOUT,
          IDLE_TIMEOUT,
          TOO_SLOW,
          RESET,
          TOKEN_UNAVAILABLE,
          CLOSED_EARLY ->
          true;
      case BAD_MESSAGE,
          EXTRA_BYTES,
          HEAD_TOO_LARGE,
          TOO_MANY_REDIRECTS,
          REDIRECT_REFUSED,
          TOKEN_REFUSED,
          DIGEST_MISMATCH,
          LENGTH_MISMATCH,
          RANGE_MISMATCH,
          CHANGED,
          STORAGE,
          ABANDONED,
          SHUTDOWN,
          INTERNAL ->
          false;
    };
  }
}
