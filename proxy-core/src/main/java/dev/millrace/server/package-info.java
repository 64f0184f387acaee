/**
 * The doors: listening sockets and the HTTP/1.1 pipeline.
 *
 * <p>Floor 5: imports floors 0 to 4. Threading: each connection is confined to its event loop.
 * Owns: the listening channel, the client connections, the event loops. Start reading at {@link
 * dev.millrace.server.HttpServer}, then {@code ClientConnection}.
 *
 * <pre>
 * pipeline of one client connection
 *   decoder     RequestDecoder     bytes to strictly read heads
 *   connection  ClientConnection   one request after the other, timeouts, answers; the tail
 * </pre>
 */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
