/**
 * Live fills: one upstream body on its way into a staged file, read by any number of clients.
 *
 * <p>Floor 2: imports floors 0 and 1. Owns the interface {@link dev.millrace.fill.Fetcher} that the
 * upstream client implements. Threading: upstream callbacks on the origin's loop, writing and
 * hashing on fill threads, each reader on its client's loop; {@code docs/CONCURRENCY.md} has the
 * hand-overs. Owns: the staged file of each running fill, the body budget, chunks between origin
 * and file. Start reading at {@link dev.millrace.fill.Fill}.
 */
@NullMarked
package dev.millrace.fill;

import org.jspecify.annotations.NullMarked;
