package dev.millrace.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Request heads as clients of package registries send them. */
public enum RequestHeads {
  /** As a load generator or curl. */
  SHORT("Host: proxy.example:8000", "User-Agent: curl/8.5.0", "Accept: */*"),

  /** As a build tool. */
  LONG(
      "Host: proxy.example:8000",
      "User-Agent: Apache-Maven/3.9.9 (Java 25.0.3; Linux 6.8.0)",
      "Accept: */*",
      "Accept-Encoding: gzip, x-gzip, deflate",
      "Cache-Control: no-cache",
      "Cache-Store: no-store",
      "Pragma: no-cache",
      "Connection: keep-alive",
      "X-Request-Id: 0b6f2c1e-5a0e-4c59-9a53-1a0c3c5f8a11");

  static final String PATH = "org/example/library/1.2.3/library-1.2.3.jar";
  private static final String LINE = "GET /api/v1/remote/files/" + PATH + " HTTP/1.1";

  private final String text;

  RequestHeads(String... fields) {
    text = LINE + "\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
  }

  /** The head in direct memory, as a socket gives it. Ownership: the caller releases it. */
  ByteBuf direct() {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
  }
}
