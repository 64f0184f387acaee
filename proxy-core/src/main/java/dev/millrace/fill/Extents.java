package dev.millrace.fill;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which bytes of a body somebody has asked for.
 *
 * <p>Units: bytes; each end is the first byte after an extent. Threading: confined to one thread.
 */
final class Extents {
  private final NavigableMap<Long, Long> endByStart = new TreeMap<>();
  private long bytes;

  /** Adds those that are not there yet. */
  void add(long start, long end) {
    if (start >= end) {
      return;
    }
    long from = start;
    long to = end;
    for (Map.Entry<Long, Long> touched = endByStart.floorEntry(to);
        touched != null && touched.getValue() >= from;
        touched = endByStart.floorEntry(to)) {
      from = Math.min(from, touched.getKey());
      to = Math.max(to, touched.getValue());
      bytes -= touched.getValue() - touched.getKey();
      endByStart.remove(touched.getKey());
    }
    endByStart.put(from, to);
    bytes += to - from;
  }

  /** How many there are. */
  long bytes() {
    return bytes;
  }

  /** Of how many pieces they are. */
  int count() {
    return endByStart.size();
  }
}
