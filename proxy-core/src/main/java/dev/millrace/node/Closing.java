package dev.millrace.node;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a node that must be ended, in the opposite order of their start.
 *
 * <p>Threading: one thread at a time. Errors: a part that fails to end is logged; the others go on.
 */
final class Closing implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private final ArrayDeque<AutoCloseable> parts = new ArrayDeque<>();

  /** Remembers a started part and gives it back. */
  <T extends AutoCloseable> T started(T part) {
    parts.push(part);
    return part;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        LOG.warn("interrupted while ending {}", part);
      } catch (Exception e) {
        LOG.warn("{} did not end cleanly", part, e);
      }
    }
  }
}
