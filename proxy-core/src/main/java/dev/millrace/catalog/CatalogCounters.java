package dev.millrace.catalog;

/**
 * How it stands with the catalog's database.
 *
 * @param out whether it does not answer
 * @param losses how often it went out
 * @param busyConnections connections in use
 * @param waiting calls that wait for one
 */
public record CatalogCounters(boolean out, long losses, int busyConnections, int waiting) {}
