package dev.millrace.config;

import java.time.Duration;

/**
 * Limits that an operator may change, each a key below {@code limits} in the file.
 *
 * @param connections client connections; one more is answered 503 and closed
 * @param fills running fills; one more is answered 503
 * @param requestTargetBytes bytes of a request target, else 414
 * @param requestHeadBytes bytes of a request head, else 431
 * @param requestFields fields of a request head, else 431
 * @param headerReadTimeout from the first byte of a head to its last; of a stream from the head to
 *     the end of the request
 * @param keepAliveTimeout idle time between two requests
 * @param clientWriteTimeout window in which a waiting client must take {@code clientMinRate} times
 *     it
 * @param clientMinRate bytes a second that a client must take while bytes wait for it
 * @param originMinRate bytes a second that an upstream must send, over the remote's idle timeout
 * @param poolWait how long a fetch waits for a connection of its upstream
 * @param resumeWait how long a body that its upstream broke off waits for the rest to come; zero
 *     breaks it at once
 * @param segmentThreshold bytes ahead of what was fetched from which a range gets a fetch of its
 *     own
 * @param maxRewriteBytes bytes of an index whose links are led through here
 */
public record ServerLimits(
    int connections,
    int fills,
    int requestTargetBytes,
    int requestHeadBytes,
    int requestFields,
    Duration headerReadTimeout,
    Duration keepAliveTimeout,
    Duration clientWriteTimeout,
    long clientMinRate,
    long originMinRate,
    Duration poolWait,
    Duration resumeWait,
    long segmentThreshold,
    long maxRewriteBytes) {}
