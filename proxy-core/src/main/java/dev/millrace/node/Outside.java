package dev.millrace.node;

import java.io.PrintStream;
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
 * @param stdout standard output
 * @param stderr standard error
 */
public record Outside(
    InstantSource clock,
    LongSupplier nanos,
    Map<String, String> environment,
    long directMemoryBytes,
    PrintStream stdout,
    PrintStream stderr) {}
