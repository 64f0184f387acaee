/**
 * What is measured: the scenarios that peers are compared by, and the wholes that Millrace is
 * judged by.
 *
 * <p>Imports {@code rig} and {@code peer}. Threads: the caller's. Owns nothing. Start reading at
 * {@link dev.millrace.bench.scenario.Scenario}.
 */
@NullMarked
package dev.millrace.bench.scenario;

import org.jspecify.annotations.NullMarked;
