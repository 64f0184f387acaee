package dev.millrace.store;

/**
 * What the store has done and holds, at one moment.
 *
 * @param usedBytes recorded blobs
 * @param reservedBytes place kept for bodies that are being written or wait for their commit
 * @param openFiles blobs kept open between hits
 * @param indexEntries artifacts remembered in memory
 * @param commits artifacts stored
 * @param commitFailures bodies that were whole and not stored
 * @param commitRounds catalog transactions that stored them
 * @param evictions blobs removed for space
 * @param evictedBytes their sizes
 * @param healed blobs whose rows were removed because the file was missing or had the wrong size
 * @param orphansRemoved files of an earlier process that no row named
 * @param unknownFiles entries among the blobs that have no blob's name; left alone
 * @param unlinkFailures files that could not be removed; the next start tries again
 * @param accessDrops accesses that were not counted
 * @param refreshDrops confirmations that were not written to the catalog
 * @param keptBytes beginnings of bodies that wait for the next who asks for them
 * @param recoveryDone whether catalog and files have been compared since the start
 */
public record StoreCounters(
    long usedBytes,
    long reservedBytes,
    long openFiles,
    long indexEntries,
    long commits,
    long commitFailures,
    long commitRounds,
    long evictions,
    long evictedBytes,
    long healed,
    long orphansRemoved,
    long unknownFiles,
    long unlinkFailures,
    long accessDrops,
    long refreshDrops,
    long keptBytes,
    boolean recoveryDone) {}
