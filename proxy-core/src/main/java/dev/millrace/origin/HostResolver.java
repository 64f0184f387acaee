package dev.millrace.origin;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Finds the addresses of a host: the system's resolver, or a fake in tests.
 *
 * <p>Threading: may block; never called on an event loop. The JDK's resolver remembers answers for
 * some seconds, so a burst of connections costs one query.
 */
@FunctionalInterface
public interface HostResolver {
  /** All addresses of a name or of a literal address, at least one. */
  InetAddress[] resolve(String host) throws UnknownHostException;
}
