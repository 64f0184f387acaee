package dev.millrace.fill;

import dev.millrace.artifact.ArtifactKey;
import dev.millrace.artifact.RangeRequest;

/**
 * What a leader wants fetched.
 *
 * @param key the key that others join by
 * @param request what the upstream is asked
 * @param rule decides over the answer
 * @param asked what the leader's client wants of the body
 * @param relay takes the answer if it is not to be stored; called like any sink of the fetch
 */
public record FillOrder(
    ArtifactKey key, FetchRequest request, HeadRule rule, RangeRequest asked, FetchSink relay) {}
