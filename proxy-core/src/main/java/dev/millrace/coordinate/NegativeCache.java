package dev.millrace.coordinate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.millrace.artifact.ArtifactKey;
import dev.millrace.config.Limits;
import java.time.Duration;

/**
 * Remembers for a while that an upstream has no such artifact.
 *
 * <p>Limits: {@code Limits.NEGATIVE_BYTES_MAX} of heap or its {@code Limits.NEGATIVE_HEAP_SHARE}th
 * part; the least used go first.
 *
 * <p>Threading: thread-safe.
 */
public final class NegativeCache {
  private final Cache<ArtifactKey, Absence> absences;

  /** An upstream's answer and how long it counts. */
  private record Absence(int status, Duration ttl) {}

  /** An empty cache on that monotonic clock. */
  public NegativeCache(Ticker nanos) {
    absences =
        Caffeine.newBuilder()
            .maximumWeight(Limits.ofHeap(Limits.NEGATIVE_HEAP_SHARE, Limits.NEGATIVE_BYTES_MAX))
            .<ArtifactKey, Absence>weigher((key, absence) -> key.heapBytes())
            .ticker(nanos)
            .executor(Runnable::run)
            .expireAfter(Expiry.<ArtifactKey, Absence>writing((key, absence) -> absence.ttl()))
            .build();
  }

  /** Remembers a 404 or 410; a zero duration remembers nothing. */
  public void remember(ArtifactKey key, int status, Duration ttl) {
    if (ttl.isPositive()) {
      absences.put(key, new Absence(status, ttl));
    }
  }

  /** The remembered status, 0 when there is none. */
  public int statusOf(ArtifactKey key) {
    Absence absence = absences.getIfPresent(key);
    return absence == null ? 0 : absence.status();
  }

  /** Forgets an absence: the artifact has been seen. */
  public void forget(ArtifactKey key) {
    absences.invalidate(key);
  }

  /** Remembered absences, about. */
  public long count() {
    return absences.estimatedSize();
  }
}
