package dev.millrace.bench.rig;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Connections that behave alike.
 *
 * @param name what its fetches are called in the result
 * @param connections how many
 * @param paths what they ask for
 * @param spread who asks for what
 * @param amount how much they ask for
 * @param manner how they do it
 */
public record LoadGroup(
    String name, int connections, List<String> paths, Spread spread, Amount amount, Manner manner) {

  /** Who asks for which path. */
  public enum Spread {
    /** Connection n asks for path n, wrapped around, each time. */
    OWN,
    /** All take the next path of one list, wrapped around. */
    SHARED
  }

  /**
   * How much is asked for; what is reached first ends it.
   *
   * @param requests of each connection with {@code OWN}, of all together with {@code SHARED}
   * @param millis after which no further request is sent, 0 for ever
   */
  public record Amount(int requests, long millis) {}

  /**
   * How it is asked for.
   *
   * @param startMillis when the first connection begins
   * @param staggerMillis how much later each further one begins
   * @param bytesPerSecond how fast one reads, 0 for as fast as it goes
   * @param range value of a {@code Range} field, empty for none
   * @param enoughBytes after which a connection closes, content with what it has; 0 for all
   */
  public record Manner(
      long startMillis, long staggerMillis, long bytesPerSecond, String range, long enoughBytes) {
    /** At once and as fast as it goes. */
    public static final Manner PLAIN = new Manner(0, 0, 0, "", 0);

    /** For a part of the body. */
    public static Manner range(String range) {
      return new Manner(0, 0, 0, range, 0);
    }

    /** At that pace, one after the other. */
    public static Manner slow(long staggerMillis, long bytesPerSecond) {
      return new Manner(0, staggerMillis, bytesPerSecond, "", 0);
    }
  }

  /** Each connection asks once for the same path, at once. */
  public static LoadGroup once(int connections, String path) {
    return new LoadGroup(
        "all", connections, List.of(path), Spread.OWN, new Amount(1, 0), Manner.PLAIN);
  }

  /** One connection for each path, which asks for it once. */
  public static LoadGroup each(List<String> paths) {
    return new LoadGroup("all", paths.size(), paths, Spread.OWN, new Amount(1, 0), Manner.PLAIN);
  }

  /** The connections work the list off together. */
  public static LoadGroup list(int connections, List<String> paths) {
    return new LoadGroup(
        "all", connections, paths, Spread.SHARED, new Amount(paths.size(), 0), Manner.PLAIN);
  }

  /** The connections repeat the paths for that long. */
  public static LoadGroup repeated(int connections, List<String> paths, long millis) {
    return new LoadGroup(
        "all",
        connections,
        paths,
        Spread.SHARED,
        new Amount(Integer.MAX_VALUE, millis),
        Manner.PLAIN);
  }

  /** The same under another name and in another manner. */
  public LoadGroup as(String other, Manner way) {
    return new LoadGroup(other, connections, paths, spread, amount, way);
  }

  /** The same with other paths. */
  LoadGroup renamed(UnaryOperator<String> names) {
    List<String> others = paths.stream().map(names).toList();
    return new LoadGroup(name, connections, others, spread, amount, manner);
  }
}
