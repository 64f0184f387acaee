/**
 * The words of the domain: keys, digests, ranges, validators, and what is remembered of a stored
 * artifact.
 *
 * <p>Floor 0: imports nothing of ours. Threading: values are immutable; a {@link
 * dev.millrace.artifact.StreamDigest} is confined to one thread at a time. Owns: nothing. Start
 * reading at {@link dev.millrace.artifact.ArtifactKey} and {@link
 * dev.millrace.artifact.StoredArtifact}.
 */
@NullMarked
package dev.millrace.artifact;

import org.jspecify.annotations.NullMarked;
