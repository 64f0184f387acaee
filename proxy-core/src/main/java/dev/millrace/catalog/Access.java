package dev.millrace.catalog;

/**
 * Accesses to one artifact since the last batch.
 *
 * @param count how many
 * @param lastAtMillis the latest of them, milliseconds since the epoch
 */
public record Access(long count, long lastAtMillis) {
  /** Both together. */
  public Access plus(Access other) {
    return new Access(count + other.count, Math.max(lastAtMillis, other.lastAtMillis));
  }
}
