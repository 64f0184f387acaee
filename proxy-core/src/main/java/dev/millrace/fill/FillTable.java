package dev.millrace.fill;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.Digest;
import dev.millrace.observe.FetchFailure;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The running fills by key: one fetch for any number of askers.
 *
 * <p>A fill stays here until the catalog names its blob, so that who asks in between joins it
 * instead of fetching again. Who becomes the leader must look into the store's index once more
 * before {@link Fill#start}: its own look-up may have missed, and then the commit and the removal
 * of an earlier fill may both have happened before it joined.
 *
 * <p>Limits: {@code fillsMax} fetches that run; one more is {@link Full}. Fills that only wait for
 * their commit are bounded by the store's queue.
 *
 * <p>Threading: thread-safe.
 */
public final class FillTable {
  private final ConcurrentHashMap<ArtifactKey, Fill> fills = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final FillServices services;
  private final int fillsMax;

  /** What a join gives. */
  public sealed interface Membership {}

  /**
   * The caller leads: it starts the fill, or abandons it by {@link FillTable#withdraw}. It counts
   * as a reader until it leaves.
   *
   * @param fill the new fill, not started
   */
  public record Lead(Fill fill) implements Membership {}

  /**
   * The caller follows a fill that runs, and counts as a reader until it leaves.
   *
   * @param fill the running fill
   */
  public record Follow(Fill fill) implements Membership {}

  /** As many fills run as are allowed. */
  public record Full() implements Membership {}

  /** An empty table. */
  public FillTable(FillServices services, int fillsMax) {
    this.services = services;
    this.fillsMax = fillsMax;
  }

  /** Joins the fill of that key or becomes the leader of a new one. */
  public Membership join(ArtifactKey key, Supplier<FillOrder> order) {
    while (true) {
      Fill running = fills.get(key);
      if (running == null) {
        Fill led = new Fill(order.get(), services, this);
        boolean counted = count.incrementAndGet() <= fillsMax;
        running = counted ? fills.putIfAbsent(key, led) : fills.get(key);
        if (counted && running == null) {
          return new Lead(led);
        }
        count.decrementAndGet();
        if (running == null) {
          if (dropsUnread()) {
            continue;
          }
          return new Full();
        }
        // Another asker of the same key was faster, perhaps by the last place.
      }
      if (running.enter()) {
        return new Follow(running);
      }
      // Given up for want of readers, and about to leave the table: we do not wait for that.
      remove(running);
    }
  }

  /** Whether a part that nobody reads has made place. */
  private boolean dropsUnread() {
    return fills.values().stream().anyMatch(Fill::dropUnread);
  }

  /** Joins the fill of that key if one runs. Ownership: counted as a reader until it leaves. */
  public @Nullable Fill follow(ArtifactKey key) {
    Fill running = fills.get(key);
    return running != null && running.enter() ? running : null;
  }

  /** Takes back a fill that was never started: its followers look into the store again. */
  public void withdraw(Lead lead) {
    lead.fill().withdrawn();
  }

  /**
   * In front of a relay whose body goes through no fill: what was promised of it is proven before
   * its end passes.
   *
   * @param promised the digests that the body must have, by its head; empty for none
   */
  public FetchSink proving(
      ArtifactKey key, Function<FetchHead, List<Digest>> promised, FetchSink relay) {
    return new PassedPart(
        relay,
        head -> {
          List<Digest> digests = promised.apply(head);
          BodyProver prover =
              digests.isEmpty() ? null : BodyProver.fromTheFirstByte(key, services, digests);
          return new PassedPart.Admitted(0, head.contentLength(), prover, 0);
        },
        0,
        Long.MAX_VALUE);
  }

  /** The fills that run now. */
  public Collection<Fill> running() {
    return Collections.unmodifiableCollection(fills.values());
  }

  /** How many fetches run now. */
  public int count() {
    return count.get();
  }

  /** Gives all running fills up; their readers see a failure. */
  public void abandonAll(String why) {
    fills.values().forEach(fill -> fill.abandon(FetchFailure.SHUTDOWN, why));
  }

  /** The fetch has ended: what waits for its commit takes no fetch's place. */
  void fetched(Fill fill) {
    if (fill.stopCounting()) {
      count.decrementAndGet();
    }
  }

  void remove(Fill fill) {
    if (fills.remove(fill.order().key(), fill)) {
      fetched(fill);
    }
  }
}
