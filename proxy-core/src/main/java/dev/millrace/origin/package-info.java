/**
 * The upstream client: connections, redirects, timeouts, decoding.
 *
 * <p>Floor 3: imports floors 0 to 2; implements {@link dev.millrace.fill.Fetcher}. Threading: one
 * fetch is confined to one event loop. Owns: the connection pools. Start reading at {@code
 * OriginClient}.
 */
@NullMarked
package dev.millrace.origin;

import org.jspecify.annotations.NullMarked;
