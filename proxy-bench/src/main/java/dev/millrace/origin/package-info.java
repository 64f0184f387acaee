/**
 * HTTP/1.1 or HTTP/2 to an origin: two clients in the shape of the upstream client, a TLS origin
 * that speaks both, and a relay that adds distance. In the package of what they are made of, as
 * tests are, since nothing of it is public: the tap of reads and the decoder are the real ones.
 *
 * <p>May import floors 0 to 3, {@code server.Transports} and {@code bench.scenario}. Threads: event
 * loops of its own, and the caller's. Owns: sockets on loopback. Start reading at {@link
 * dev.millrace.origin.ProtocolTrial}.
 */
@NullMarked
package dev.millrace.origin;

import org.jspecify.annotations.NullMarked;
