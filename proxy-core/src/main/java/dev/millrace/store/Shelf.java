package dev.millrace.store;

/**
 * What the store keeps in memory about its blobs.
 *
 * @param index artifacts by key
 * @param files open blobs
 * @param ledger the quota
 * @param meter the counts
 * @param kept the beginnings of bodies
 */
record Shelf(
    ArtifactIndex index, OpenFileCache files, Ledger ledger, StoreMeter meter, KeptBodies kept) {}
