package dev.millrace.storage;

import dev.millrace.artifact.Digest;

/**
 * One blob found under its name.
 *
 * @param digest its name
 * @param sizeBytes its length on disk
 * @param modifiedAtMillis last write, milliseconds since the epoch
 */
public record PublishedBlob(Digest digest, long sizeBytes, long modifiedAtMillis) {}
