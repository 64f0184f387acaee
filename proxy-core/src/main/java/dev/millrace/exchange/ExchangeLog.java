package dev.millrace.exchange;

import dev.millrace.observe.Metrics;
import dev.millrace.observe.RequestLog;
import java.time.InstantSource;

/**
 * Where an exchange is recorded.
 *
 * @param metrics counters
 * @param requests the request log
 * @param clock wall clock
 */
public record ExchangeLog(Metrics metrics, RequestLog requests, InstantSource clock) {}
