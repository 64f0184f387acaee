/**
 * The proxies that are measured, each started with its own configuration on loopback.
 *
 * <p>Imports {@code rig}. Installs nothing: a peer that is not on the machine says so. Threads: the
 * caller's. Owns: the processes it starts. Start reading at {@link dev.millrace.bench.peer.Peer}.
 */
@NullMarked
package dev.millrace.bench.peer;

import org.jspecify.annotations.NullMarked;
