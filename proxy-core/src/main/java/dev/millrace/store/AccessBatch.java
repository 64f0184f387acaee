package dev.millrace.store;

import static dev.millrace.config.Limits.ACCESS_BATCH_MAX;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.catalog.Access;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Accesses that wait to be written to the catalog together.
 *
 * <p>Limits: {@code ACCESS_BATCH_MAX} artifacts; accesses to further ones are dropped and counted.
 * Threading: thread-safe; an access costs one short lock of a map's bin.
 */
final class AccessBatch {
  private final ConcurrentMap<ArtifactKey, Access> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final LongAdder drops;

  AccessBatch(LongAdder drops) {
    this.drops = drops;
  }

  /** One more access; true when it made the batch half full, so that it wants to be written. */
  boolean add(ArtifactKey key, long atMillis) {
    int before = count.get();
    join(key, new Access(1, atMillis));
    return before < ACCESS_BATCH_MAX / 2 && count.get() >= ACCESS_BATCH_MAX / 2;
  }

  /** Puts back what could not be written, as far as there is room. */
  void giveBack(Map<ArtifactKey, Access> batch) {
    batch.forEach(this::join);
  }

  private void join(ArtifactKey key, Access access) {
    waiting.compute(key, (same, held) -> joined(held, access));
  }

  private @Nullable Access joined(@Nullable Access held, Access access) {
    if (held != null) {
      return held.plus(access);
    }
    if (count.incrementAndGet() > ACCESS_BATCH_MAX) {
      count.decrementAndGet();
      drops.add(access.count());
      return null;
    }
    return access;
  }

  /**
   * Takes what waits. An access that arrives meanwhile is in this batch or in the next, never lost.
   */
  Map<ArtifactKey, Access> take() {
    Map<ArtifactKey, Access> batch = new HashMap<>();
    for (ArtifactKey key : waiting.keySet()) {
      Access access = waiting.remove(key);
      if (access != null) {
        count.decrementAndGet();
        batch.put(key, access);
      }
    }
    return batch;
  }
}
