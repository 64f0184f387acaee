package dev.millrace.server;

import dev.millrace.config.ServerLimits;

/**
 * Whether a client takes what waits for it at the least pace allowed: {@code clientMinRate} over
 * each window of {@code clientWriteTimeout}.
 *
 * <p>Units: nanoseconds on the loop's clock. Threading: confined to the client's loop.
 */
final class ClientPace {
  /** A client that is too slow. */
  static final long TOO_SLOW = -1;

  private final long windowNanos;
  private final long wantedBytes;
  private long sinceNanos;
  private long fromBytes;

  ClientPace(ServerLimits limits) {
    windowNanos = limits.clientWriteTimeout().toNanos();
    wantedBytes = Math.max(1, limits.clientMinRate() * limits.clientWriteTimeout().toSeconds());
  }

  /** An answer begins; the time of its first {@link #look}. */
  long begin(long nowNanos) {
    sinceNanos = nowNanos;
    fromBytes = 0;
    return sinceNanos + windowNanos;
  }

  /**
   * The time of the next look, or {@link #TOO_SLOW}.
   *
   * @param sentBytes of the body, those that are on their way in part included
   */
  long look(BodyProgress body, long sentBytes, long nowNanos) {
    if (body.isBusy()) {
      if (body.busySinceNanos() - sinceNanos > 0) {
        // Until then there was nothing to take: the client has its whole time from there.
        sinceNanos = body.busySinceNanos();
        fromBytes = body.busyFromBytes();
        if (sinceNanos + windowNanos - nowNanos > 0) {
          return sinceNanos + windowNanos;
        }
      }
      if (sentBytes - fromBytes < wantedBytes) {
        return TOO_SLOW;
      }
    }
    sinceNanos = nowNanos;
    fromBytes = sentBytes;
    return sinceNanos + windowNanos;
  }
}
