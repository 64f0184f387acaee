/**
 * Benchmarks of the doors, in the package of what they measure as tests are, since nothing of it is
 * public: decoder, encoder, and one hit without a socket.
 *
 * <p>May import floors 0 to 5. Threads: those of JMH. Start reading at {@link
 * dev.millrace.server.EmbeddedHitBenchmark}.
 */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
