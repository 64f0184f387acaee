package dev.millrace.it.rig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What an upstream does when a path is asked for. Threading: may run for many requests at once. */
@FunctionalInterface
public interface Script {
  /** Answers one request. */
  void answer(Exchange exchange) throws IOException;

  /** Sends these bytes and closes. */
  static Script raw(String latin1) {
    return raw(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends these bytes and closes. */
  static Script raw(byte[] bytes) {
    byte[] copy = bytes.clone();
    return exchange -> {
      exchange.send(copy);
      exchange.closeAfter();
    };
  }

  /** Sends these bytes and leaves the connection open for the next request. */
  static Script rawKeepingOpen(String latin1) {
    byte[] copy = latin1.getBytes(StandardCharsets.ISO_8859_1);
    return exchange -> exchange.send(copy);
  }

  /** An empty answer with this status and these field lines. */
  static Script status(int status, String... fieldLines) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
    for (String line : fieldLines) {
      head.append(line).append("\r\n");
    }
    head.append("Content-Length: 0\r\n\r\n");
    return rawKeepingOpen(head.toString());
  }

  /** A redirect. */
  static Script redirect(String location) {
    return status(302, "Location: " + location);
  }

  /** Accepts the request and says nothing, until the connection ends. */
  static Script silence() {
    return Exchange::waitForPeer;
  }

  /** One script for each request in turn; the last one stays. */
  static Script inTurn(Script... scripts) {
    List<Script> all = List.of(scripts);
    AtomicInteger next = new AtomicInteger();
    return exchange -> all.get(Math.min(next.getAndIncrement(), all.size() - 1)).answer(exchange);
  }
}
