package plants.route;

import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;

/** No fault: headers are words, and the time comes in. */
final class ReadsHeaders {
  private final InstantSource clock;

  ReadsHeaders(InstantSource clock) {
    this.clock = clock;
  }

  Instant read(HttpHeaders headers) {
    return headers.isEmpty() ? Instant.EPOCH : clock.instant();
  }
}
