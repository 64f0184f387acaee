package dev.millrace.bench.rig;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Small requests of the tool itself, on loopback, each on a connection of its own. */
public final class LocalHttp {
  private static final int TIMEOUT_MILLIS = 10_000;

  private LocalHttp() {}

  /** The body of a page. Errors: unchecked when there is none. */
  public static String get(int port, String path) {
    String answer = ask(port, path);
    int body = answer.indexOf("\r\n\r\n");
    if (!answer.startsWith("HTTP/1.1 200") || body < 0) {
      throw new IllegalStateException(path + ": " + answer.lines().findFirst().orElse("nothing"));
    }
    return answer.substring(body + 4);
  }

  /** Whether anything answers there. */
  public static boolean answers(int port, String path) {
    try {
      return ask(port, path).startsWith("HTTP/1.1 ");
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private static String ask(int port, String path) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that is free now. */
  public static int freePort() {
    try (java.net.ServerSocket socket =
        new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
