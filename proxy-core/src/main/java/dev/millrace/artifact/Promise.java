package dev.millrace.artifact;

/**
 * What an index said of an artifact before that was asked for.
 *
 * @param remote the remote that the artifact is asked through
 * @param name the artifact's path there, or what its package type knows it by
 * @param digest what its body must have
 */
public record Promise(String remote, String name, Digest digest) {}
