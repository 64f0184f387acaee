package dev.millrace.fill;

import dev.millrace.artifact.DigestEngine;
import dev.millrace.store.BlobStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What every fill works with.
 *
 * @param fetcher asks the upstream
 * @param store stages and commits
 * @param budget global body memory
 * @param threads the fill threads; each task writes and hashes for one fill
 * @param digests hash engine
 * @param clock wall clock
 * @param nanos monotonic clock in nanoseconds
 * @param events counts what happens
 * @param segmentThreshold bytes ahead of what comes in order from which a reader gets a fetch of
 *     its own
 * @param resumeWait how long a body that broke off waits for its upstream; zero does not resume
 */
public record FillServices(
    Fetcher fetcher,
    BlobStore store,
    BodyBudget budget,
    Executor threads,
    DigestEngine digests,
    InstantSource clock,
    LongSupplier nanos,
    FillEvents events,
    long segmentThreshold,
    Duration resumeWait) {}
