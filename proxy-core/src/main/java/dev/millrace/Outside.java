package dev.millrace;

import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What a node takes from outside itself.
 *
 * @param clock wall clock
 * @param nanos monotonic clock in nanoseconds
 * @param environment environment variables
 * @param directMemoryBytes what the JVM allows for buffers outside the heap
 */
record Outside(
    InstantSource clock,
    LongSupplier nanos,
    Map<String, String> environment,
    long directMemoryBytes) {}
