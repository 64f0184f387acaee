/**
 * One proxied request and its answer: look up, join or lead a fill, answer from what there is.
 *
 * <p>Floor 4: imports floors 0 to 3. Threading: an exchange is confined to its client's event loop;
 * results of other threads hop to it. Owns: nothing beyond the request. Start reading at {@link
 * dev.millrace.exchange.Exchanges}, then {@code ArtifactExchange}.
 */
@NullMarked
package dev.millrace.exchange;

import org.jspecify.annotations.NullMarked;
