/**
 * Reference relays: the least that a proxy on Netty can do, and the two designs that Millrace
 * replaces. They serve measurements only: no cache, no limits, no joining.
 *
 * <p>Imports Netty and nothing else. Threads: one loop for each CPU; files are written on it. Owns:
 * an unlinked temporary file for each body. Start reading at {@link
 * dev.millrace.bench.relay.RelayMain}.
 */
@NullMarked
package dev.millrace.bench.relay;

import org.jspecify.annotations.NullMarked;
