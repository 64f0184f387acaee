/**
 * What the requests of one node, and later of many, tell each other: remembered absences now;
 * leases, invalidation and breaker state when there are several nodes.
 *
 * <p>Floor 1: imports floor 0. Threading: thread-safe, in memory, no I/O. Owns: bounded caches.
 * Start reading at {@link dev.millrace.coordinate.NegativeCache}.
 */
@NullMarked
package dev.millrace.coordinate;

import org.jspecify.annotations.NullMarked;
