/**
 * What can be seen from outside: closed sets of outcomes and reasons, counters, the request log.
 *
 * <p>Floor 0: imports only {@code config} and {@code artifact}. Threading: counters are
 * thread-safe; the request log hands lines to its own thread. Owns: the metric registry and the
 * log's queue. Start reading at {@link dev.millrace.observe.Refusal} and {@link
 * dev.millrace.observe.FetchFailure}.
 */
@NullMarked
package dev.millrace.observe;

import org.jspecify.annotations.NullMarked;
