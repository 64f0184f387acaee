package dev.millrace.catalog;

import dev.millrace.artifact.Digest;

/**
 * A recorded blob and when it was last asked for.
 *
 * @param digest its name
 * @param sizeBytes its length
 * @param lastAccessMillis the latest access to any artifact that names it, milliseconds since the
 *     epoch
 */
public record BlobUse(Digest digest, long sizeBytes, long lastAccessMillis) {}
