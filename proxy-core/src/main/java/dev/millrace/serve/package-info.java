/**
 * Heads and bodies on their way to clients: from a stored blob, from a live fill, or relayed.
 *
 * <p>Floor 3: imports floors 0 to 2. Owns the interface {@link dev.millrace.serve.Responder} that
 * the doors implement for each protocol. Threading: one response is confined to its client's event
 * loop. Owns: one lease of a file for each running body. Start reading at {@link
 * dev.millrace.serve.FillBody}.
 */
@NullMarked
package dev.millrace.serve;

import org.jspecify.annotations.NullMarked;
