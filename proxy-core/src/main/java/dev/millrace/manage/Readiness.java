package dev.millrace.manage;

import dev.millrace.config.Limits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each backend whether it can work, and remembers the answer for a moment.
 *
 * <p>Limits: the backends are asked at most once in {@link Limits#READINESS_KEPT}, however many ask
 * us; when they have not answered for {@link Limits#READINESS_LATE} they count as not ready.
 *
 * <p>Threading: thread-safe; blocks as long as a check does, so never call it on an event loop. Who
 * comes while a check runs gets the answer before it.
 */
public final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  private final List<Check> checks;
  private final LongSupplier nanoTime;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Answers last;

  /**
   * Readiness of these backends.
   *
   * @param checks in the order of the page
   * @param nanoTime the ticker
   */
  public Readiness(List<Check> checks, LongSupplier nanoTime) {
    this.checks = List.copyOf(checks);
    this.nanoTime = nanoTime;
  }

  /**
   * One backend.
   *
   * @param name how the page calls it
   * @param works whether it can work now; may block; an exception means that it cannot
   * @param isNeeded whether nothing can be served without it
   */
  public record Check(String name, BooleanSupplier works, boolean isNeeded) {
    /** A backend without which nothing can be served. */
    public static Check needed(String name, BooleanSupplier works) {
      return new Check(name, works, true);
    }

    /** One without which requests are served, at a price: it takes no node out of service. */
    public static Check useful(String name, BooleanSupplier works) {
      return new Check(name, works, false);
    }
  }

  private record Answers(long atNanos, SequencedMap<String, Boolean> byName) {}

  /** Whether that is the name of a backend without which nothing can be served. */
  boolean isNeeded(String name) {
    return checks.stream().anyMatch(check -> check.name().equals(name) && check.isNeeded());
  }

  /** Whether each backend works, by name. */
  SequencedMap<String, Boolean> answers() {
    Answers known = last;
    if (known != null && age(known) < Limits.READINESS_KEPT.toNanos()) {
      return known.byName();
    }
    if (known == null) {
      asking.lock();
    } else if (!asking.tryLock()) {
      return age(known) < Limits.READINESS_LATE.toNanos() ? known.byName() : noneWorks();
    }
    try {
      Answers newer = last;
      if (newer != null && !newer.equals(known)) {
        return newer.byName();
      }
      Answers asked = new Answers(nanoTime.getAsLong(), ask());
      last = asked;
      return asked.byName();
    } finally {
      asking.unlock();
    }
  }

  private long age(Answers answers) {
    return nanoTime.getAsLong() - answers.atNanos();
  }

  private SequencedMap<String, Boolean> ask() {
    SequencedMap<String, Boolean> byName = new LinkedHashMap<>();
    for (Check check : checks) {
      byName.put(check.name(), works(check));
    }
    return byName;
  }

  private static boolean works(Check check) {
    try {
      return check.works().getAsBoolean();
    } catch (RuntimeException e) {
      LOG.debug("readiness check {} failed", check.name(), e);
      return false;
    }
  }

  private SequencedMap<String, Boolean> noneWorks() {
    SequencedMap<String, Boolean> byName = new LinkedHashMap<>();
    checks.forEach(check -> byName.put(check.name(), false));
    return byName;
  }
}
