package plants.server;

/**
 * No fault.
 *
 * @param openedNanos when it was opened
 */
public record Door(long openedNanos) {}
