package dev.millrace.origin;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An upstream that says exactly what a test tells it, byte by byte; plain sockets on loopback. */
final class ScriptedOrigin implements Closeable {
  /** What is said on one connection. */
  @FunctionalInterface
  interface Script {
    void serve(Peer peer) throws IOException;
  }

  /** Wraps an accepted socket, for TLS. */
  @FunctionalInterface
  interface Wrapper {
    Socket wrap(Socket socket) throws IOException;
  }

  private final ServerSocket server;
  private final List<Script> scripts;
  private final Wrapper wrapper;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();

  private ScriptedOrigin(Wrapper wrapper, List<Script> scripts) throws IOException {
    this.server = new ServerSocket(0, 64, InetAddress.ofLiteral("127.0.0.1"));
    this.wrapper = wrapper;
    this.scripts = scripts;
    Thread.ofVirtual().start(this::accept);
  }

  /** The n-th connection gets the n-th script, all further ones the last. */
  static ScriptedOrigin of(Script... scripts) throws IOException {
    return new ScriptedOrigin(socket -> socket, List.of(scripts));
  }

  /** The same behind TLS. */
  static ScriptedOrigin secured(Wrapper wrapper, Script... scripts) throws IOException {
    return new ScriptedOrigin(wrapper, List.of(scripts));
  }

  /** One answer to each request, on as many connections as there are, each kept open. */
  static Script answering(String... responses) {
    return peer -> {
      for (int i = 0; peer.readHead() != null; i++) {
        peer.send(responses[Math.min(i, responses.length - 1)]);
      }
    };
  }

  /** One answer to the first request, then the close. */
  static Script answeringOnce(String response) {
    return peer -> {
      peer.readHead();
      peer.send(response);
    };
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  int connections() {
    return connections.get();
  }

  /** Request heads in the order they came. */
  List<String> heads() {
    return heads;
  }

  /** Faults of the scripts themselves. */
  List<Throwable> faults() {
    return faults;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        int index = connections.getAndIncrement();
        Script script = scripts.get(Math.min(index, scripts.size() - 1));
        Thread.ofVirtual().start(() -> serve(socket, script));
      } catch (IOException e) {
        // Closed by the end of the test.
        return;
      }
    }
  }

  private void serve(Socket socket, Script script) {
    try (Socket closing = wrapper.wrap(socket)) {
      script.serve(new Peer(closing));
    } catch (IOException e) {
      // The client went away, which scripts must live with; tests look at what the client saw.
      heads.add("(" + e.getClass().getSimpleName() + ")");
    } catch (RuntimeException | Error e) {
      faults.add(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** The upstream's end of one connection. */
  final class Peer {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      this.in = socket.getInputStream();
      this.out = socket.getOutputStream();
      socket.setTcpNoDelay(true);
    }

    /** The next request's head, or null at the end of the connection. */
    @Nullable String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int value = in.read();
        if (value < 0) {
          if (head.isEmpty()) {
            return null;
          }
          throw new IllegalStateException("half a request: " + head);
        }
        head.append((char) value);
      }
      heads.add(head.toString());
      return head.toString();
    }

    void send(String text) throws IOException {
      send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    /** Waits until the client has closed the connection. */
    void awaitClose() throws IOException {
      try {
        in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // A reset is a close too.
        return;
      }
    }

    /** Whether the client closes within a time; what it sends meanwhile does not matter. */
    boolean isClosedWithin(Duration time) throws IOException {
      socket.setSoTimeout((int) time.toMillis());
      try {
        while (in.read() >= 0) {
          assertOpen();
        }
        return true;
      } catch (SocketTimeoutException e) {
        // Still open.
        return false;
      }
    }

    private void assertOpen() {
      if (socket.isClosed()) {
        throw new IllegalStateException("closed by the script itself");
      }
    }

    /** Closes with RST. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Passes on everything that the client sends from now on. */
    void copyTo(OutputStream to) throws IOException {
      byte[] buffer = new byte[8192];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        to.write(buffer, 0, count);
        to.flush();
      }
    }

    void finish() throws IOException {
      socket.shutdownOutput();
    }
  }
}
