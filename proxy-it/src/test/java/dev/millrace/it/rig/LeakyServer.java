package dev.millrace.it.rig;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A program that speaks like the product as far as {@link Millrace} looks, with the planted fault
 * that its argument names: {@code leak}, {@code throw}, {@code exit}, or {@code none}.
 */
final class LeakyServer {
  private static final int LEAKED_BYTES = 256;

  private LeakyServer() {}

  /** Runs until SIGTERM. */
  public static void main(String[] args) throws IOException {
    String fault = args[0];
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, fault));
    int exit = fault.equals("exit") ? 3 : 0;
    Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(exit)));
    server.start();
    System.out.println("listening on http://127.0.0.1:" + server.getAddress().getPort());
    if (fault.equals("throw")) {
      throw new IllegalStateException("planted");
    }
  }

  private static void answer(HttpExchange exchange, String fault) throws IOException {
    var buffer = PooledByteBufAllocator.DEFAULT.directBuffer(LEAKED_BYTES);
    if (!fault.equals("leak")) {
      buffer.release();
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }
}
