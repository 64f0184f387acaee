package dev.millrace.storage;

/**
 * A staged file that was left before its body was whole, with a note that says of what it is.
 *
 * @param name what the storage calls it
 * @param sizeBytes bytes written, from the first on
 * @param leftAtMillis when it was last written, milliseconds since the epoch
 * @param isSure whether all of them are as they were written: false when the machine was restarted
 *     since, for nothing was synced
 * @param note what {@link StagedFile#describe} was given
 */
public record KeptFile(
    String name, long sizeBytes, long leftAtMillis, boolean isSure, String note) {}
