package dev.millrace.store;

/**
 * Who has which part of the quota: recorded blobs, and reservations of bodies that are on their
 * way.
 *
 * <p>A reservation is taken when all of the recorded blobs could be evicted for it, and the
 * eviction then runs while the body arrives. So the sum may exceed the quota for a while, by at
 * most what the running bodies have reserved, and no fill thread waits for an eviction.
 *
 * <p>Units: bytes. Threading: thread-safe by its own lock, held for arithmetic only.
 */
final class Ledger {
  private final long quotaBytes;
  private long usedBytes;
  private long reservedBytes;

  Ledger(long quotaBytes, long usedBytes) {
    this.quotaBytes = quotaBytes;
    this.usedBytes = usedBytes;
  }

  /**
   * Reserves that much; false when even an empty store could not take it beside what is reserved.
   */
  synchronized boolean tryReserve(long bytes) {
    if (bytes > quotaBytes - reservedBytes) {
      return false;
    }
    reservedBytes += bytes;
    return true;
  }

  /** Gives a reservation back. */
  synchronized void giveBack(long bytes) {
    reservedBytes -= bytes;
    assert reservedBytes >= 0;
  }

  /** Follows the catalog: recorded blobs grew or, where negative, shrank by that much. */
  synchronized void recorded(long bytesDelta) {
    usedBytes += bytesDelta;
  }

  /** By how much the sum exceeds the quota; 0 when it does not. */
  synchronized long excessBytes() {
    return Math.max(0, usedBytes + reservedBytes - quotaBytes);
  }

  /** A little more than the excess, so that not each commit at the limit starts an eviction. */
  synchronized long toEvictBytes() {
    long excess = usedBytes + reservedBytes - quotaBytes;
    return excess <= 0 ? 0 : excess + quotaBytes / 64;
  }

  synchronized long usedBytes() {
    return usedBytes;
  }

  synchronized long reservedBytes() {
    return reservedBytes;
  }
}
