package dev.millrace.server;

import io.netty.handler.codec.http.EmptyHttpHeaders;

/** What stands for a request that could not be read. */
final class Refusals {
  private Refusals() {}

  /** A request of which nothing is believed; its connection, or stream, ends with the answer. */
  static DecodedHead.Request unreadable() {
    return new DecodedHead.Request("-", "-", EmptyHttpHeaders.INSTANCE, false, true, false);
  }
}
