package dev.millrace.exchange;

import static dev.millrace.config.Limits.PROMISE_BATCH_MAX;

import dev.millrace.artifact.Promise;
import dev.millrace.catalog.CatalogException;
import dev.millrace.store.LearnedPromises;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what one index promises, some at a time.
 *
 * <p>Threading: confined to the reading of that index; blocks on the catalog. Errors: without the
 * catalog the promises are lost and the index is served all the same.
 */
final class PromiseBatch {
  private static final Logger LOG = LoggerFactory.getLogger(PromiseBatch.class);

  private final LearnedPromises promises;
  private final boolean isKnown;
  private final List<Promise> gathered = new ArrayList<>();
  private boolean complete = true;

  /** For an index whose promises, if {@code isKnown}, are recorded already. */
  PromiseBatch(LearnedPromises promises, boolean isKnown) {
    this.promises = promises;
    this.isKnown = isKnown;
  }

  /** One more. */
  void add(Promise promise) {
    if (!isKnown) {
      gathered.add(promise);
      if (gathered.size() >= PROMISE_BATCH_MAX) {
        record();
      }
    }
  }

  /** Records the rest; whether all of them are recorded. */
  boolean finish() {
    if (!gathered.isEmpty()) {
      record();
    }
    return complete;
  }

  private void record() {
    try {
      promises.learn(gathered);
    } catch (CatalogException e) {
      complete = false;
      if (!e.isOutage()) {
        LOG.warn("{} promises of an index are lost: {}", gathered.size(), e.toString());
      }
    }
    gathered.clear();
  }
}
