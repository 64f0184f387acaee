package dev.millrace.store;

import static dev.millrace.config.Limits.PROMISES_MAX;
import static dev.millrace.config.Limits.PROMISE_BATCH_MAX;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.artifact.Promise;
import dev.millrace.catalog.Catalog;
import dev.millrace.catalog.CatalogException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What indexes promised of files.
 *
 * <p>Limits: {@code PROMISES_MAX} of them and a tenth more; the ones that were learned first go.
 *
 * <p>Threading: thread-safe; {@link #learn} blocks.
 */
public final class LearnedPromises {
  private static final Logger LOG = LoggerFactory.getLogger(LearnedPromises.class);
  private static final int FORGET_AFTER = PROMISES_MAX / 10;

  private final Catalog catalog;
  private final Lookups lookups;
  private final InstantSource clock;
  // What earlier processes have learned is not known: looked at once.
  private final AtomicInteger learned = new AtomicInteger(FORGET_AFTER);

  LearnedPromises(Catalog catalog, Lookups lookups, InstantSource clock) {
    this.catalog = catalog;
    this.lookups = lookups;
    this.clock = clock;
  }

  /**
   * Records them, but for names that no path has and the catalog could not hold. Errors: {@link
   * dev.millrace.catalog.CatalogException}; then a part may be recorded.
   */
  public void learn(List<Promise> said) {
    List<Promise> promises = said.stream().filter(this::isOfUse).toList();
    for (int at = 0; at < promises.size(); at += PROMISE_BATCH_MAX) {
      List<Promise> batch = promises.subList(at, Math.min(promises.size(), at + PROMISE_BATCH_MAX));
      catalog.learn(batch, clock.millis());
    }
    if (learned.addAndGet(promises.size()) > FORGET_AFTER) {
      forget();
    }
  }

  private void forget() {
    try {
      int forgotten = catalog.forgetPromises(PROMISES_MAX);
      learned.set(0);
      LOG.debug("{} promises of indexes are forgotten", forgotten);
    } catch (CatalogException e) {
      LOG.warn("too many promises of indexes are kept for now: {}", e.toString());
    }
  }

  private boolean isOfUse(Promise promise) {
    return promise.name().chars().noneMatch(Character::isISOControl)
        && catalog.canHold(new ArtifactKey(promise.remote(), promise.name()));
  }

  /**
   * What that name of a remote was promised to be. Errors: fails when the catalog cannot be asked.
   */
  public CompletionStage<Optional<Digest>> find(String remote, String name) {
    CompletableFuture<Optional<Digest>> found = new CompletableFuture<>();
    lookups.run(
        () -> catalog.promised(remote, name),
        new Lookups.Outcome<>() {
          @Override
          public void found(Optional<Digest> result) {
            found.complete(result);
          }

          @Override
          public void failed(Throwable cause) {
            found.completeExceptionally(cause);
          }
        });
    return found;
  }
}
