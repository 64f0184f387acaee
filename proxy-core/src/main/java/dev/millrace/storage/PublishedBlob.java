package dev.millrace.storage;

import dev.millrace.artifact.Digest;

/**
 * What was found under a blob's name.
 *
 * @param digest its name
 * @param sizeBytes its length on disk, {@link Storage#NOT_A_FILE} for anything but a regular file
 * @param modifiedAtMillis last write, milliseconds since the epoch
 */
public record PublishedBlob(Digest digest, long sizeBytes, long modifiedAtMillis) {}
