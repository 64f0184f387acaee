package dev.millrace.bench.rig;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a load client has to do.
 *
 * @param port where on loopback
 * @param prefix what goes in front of each name
 * @param naming what bodies are called
 * @param groups who does what
 * @param limitMillis after which everything is cut off
 * @param detail whether each fetch is reported, at most {@link #FETCHES_MAX}
 */
public record LoadOrder(
    int port,
    String prefix,
    Naming naming,
    List<LoadGroup> groups,
    long limitMillis,
    boolean detail) {
  /** Fetches that are reported one by one. */
  static final int FETCHES_MAX = 10_000;

  /** What a peer calls the bodies of the origin. */
  public enum Naming {
    /** Their paths. */
    PATH,
    /** {@code sha256:} and the digest in hex, as registries do. */
    DIGEST
  }

  /** The same with another limit. */
  public LoadOrder within(long millis) {
    return new LoadOrder(port, prefix, naming, groups, millis, detail);
  }

  /** The same with other names. */
  LoadOrder renamed(UnaryOperator<String> names) {
    List<LoadGroup> others = groups.stream().map(group -> group.renamed(names)).toList();
    return new LoadOrder(port, prefix, naming, others, limitMillis, detail);
  }
}
