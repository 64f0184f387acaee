package dev.millrace.origin;

import static dev.millrace.config.Limits.TOKENS_MAX;
import static dev.millrace.config.Limits.TOKEN_MARGIN;

import dev.millrace.artifact.RegistryPath;
import dev.millrace.observe.FetchFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bearer tokens of one remote: each is fetched once for all who wait for it, and kept for its
 * life less {@code Limits.TOKEN_MARGIN}.
 *
 * <p>A registry says what it wants a token for only when it is asked without; so what it wanted is
 * remembered for each repository, and the next request brings the token along.
 *
 * <p>Limits: {@code Limits.TOKENS_MAX} of them, the least used goes.
 *
 * <p>Threading: thread-safe by its own monitor; who waits is called outside of it, on the thread
 * that brings the token.
 */
final class Tokens {
  /** Who waits for a token. */
  interface Waiter {
    /** Here it is. */
    void given(String token);

    /** There is none; {@code detail} is for the log. */
    void failed(FetchFailure reason, String detail);
  }

  /** A token, and until when it is good. */
  private record Token(String value, long untilNanos) {
    boolean isGood(long now) {
      return now - untilNanos < 0;
    }

    /** Never shows the value. */
    @Override
    public String toString() {
      return "token";
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
  private static final String REGISTRY_ROOT = "v2/";

  private final Map<Challenge, Token> tokens = bounded();
  private final Map<String, Challenge> wanted = bounded();
  private final Map<Challenge, List<Waiter>> waiting = new HashMap<>();

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > TOKENS_MAX;
      }
    };
  }

  /** The repository that a path is of; null when it is of none. */
  static @Nullable String repository(String path) {
    if (!path.startsWith(REGISTRY_ROOT)) {
      return null;
    }
    int query = path.indexOf('?');
    RegistryPath named =
        RegistryPath.parse(
            path.substring(REGISTRY_ROOT.length(), query < 0 ? path.length() : query));
    return named == null ? null : named.name();
  }

  /**
   * The token that a request for that repository needs; null when that is not known, or it aged.
   */
  synchronized @Nullable String known(String repository, long now) {
    Challenge challenge = wanted.get(repository);
    return challenge == null ? null : good(challenge, now);
  }

  private @Nullable String good(Challenge challenge, long now) {
    Token token = tokens.get(challenge);
    return token != null && token.isGood(now) ? token.value() : null;
  }

  /**
   * Waits for the token that a challenge asks for.
   *
   * @param repository of the request that was challenged, null for none
   * @param refused the token that it brought, which is no good; null when it brought none
   * @return whether the caller is to fetch it, and to call {@link #settle}
   */
  boolean await(
      Challenge challenge,
      @Nullable String repository,
      @Nullable String refused,
      long now,
      Waiter waiter) {
    String there;
    boolean first = false;
    synchronized (this) {
      if (repository != null) {
        wanted.put(repository, challenge);
      }
      there = good(challenge, now);
      if (there == null || there.equals(refused)) {
        there = null;
        tokens.remove(challenge);
        List<Waiter> line = waiting.computeIfAbsent(challenge, _ -> new ArrayList<>());
        first = line.isEmpty();
        line.add(waiter);
      }
    }
    if (there != null) {
      waiter.given(there);
    }
    return first;
  }

  /** A token came, for all who wait for it and for who comes while it lives. */
  void settle(Challenge challenge, String token, Duration life, long now) {
    List<Waiter> line;
    synchronized (this) {
      tokens.put(challenge, new Token(token, now + life.minus(TOKEN_MARGIN).toNanos()));
      line = line(challenge);
    }
    line.forEach(waiter -> tell(waiter, () -> waiter.given(token)));
  }

  /** No token came. */
  void settle(Challenge challenge, FetchFailure reason, String detail) {
    line(challenge).forEach(waiter -> tell(waiter, () -> waiter.failed(reason, detail)));
  }

  /** One that cannot be told must not cost the others their token. */
  private static void tell(Waiter waiter, Runnable how) {
    try {
      how.run();
    } catch (RuntimeException e) {
      LOG.warn("{} does not hear of its token", waiter, e);
    }
  }

  private synchronized List<Waiter> line(Challenge challenge) {
    List<Waiter> line = waiting.remove(challenge);
    return line == null ? List.of() : line;
  }
}
