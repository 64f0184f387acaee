package dev.millrace.bench.rig;

import java.util.Map;
import java.util.TreeMap;

/**
 * What an origin was asked for and gave.
 *
 * @param requests requests in all
 * @param bodyBytes bytes of bodies in all
 * @param paths the same for each path, at most {@link #PATHS_MAX} of them
 */
public record OriginStats(long requests, long bodyBytes, Map<String, PathStats> paths) {
  /** Paths that are counted one by one; further ones count in the totals only. */
  static final int PATHS_MAX = 4096;

  /**
   * One path.
   *
   * @param requests how often it was asked for
   * @param bodyBytes bytes given
   */
  public record PathStats(long requests, long bodyBytes) {}

  /**
   * Counts.
   *
   * <p>Threading: thread-safe by its lock.
   */
  static final class Counter {
    private final Map<String, PathStats> paths = new TreeMap<>();
    private long requests;
    private long bodyBytes;

    synchronized void asked(String path) {
      requests++;
      add(path, 1, 0);
    }

    synchronized void gave(String path, long bytes) {
      bodyBytes += bytes;
      add(path, 0, bytes);
    }

    synchronized OriginStats read() {
      return new OriginStats(requests, bodyBytes, new TreeMap<>(paths));
    }

    synchronized void reset() {
      requests = 0;
      bodyBytes = 0;
      paths.clear();
    }

    private void add(String path, long more, long bytes) {
      PathStats before = paths.get(path);
      if (before != null) {
        paths.put(path, new PathStats(before.requests() + more, before.bodyBytes() + bytes));
      } else if (paths.size() < PATHS_MAX) {
        paths.put(path, new PathStats(more, bytes));
      }
    }
  }
}
