package dev.millrace.bench.rig;

import java.util.List;

/**
 * What a load client has to do.
 *
 * @param port where on loopback
 * @param prefix what goes in front of each path
 * @param groups who does what
 * @param limitMillis after which everything is cut off
 * @param detail whether each fetch is reported, at most {@link #FETCHES_MAX}
 */
public record LoadOrder(
    int port, String prefix, List<LoadGroup> groups, long limitMillis, boolean detail) {
  /** Fetches that are reported one by one. */
  static final int FETCHES_MAX = 10_000;
}
