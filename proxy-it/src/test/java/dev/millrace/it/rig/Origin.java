package dev.millrace.it.rig;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A scripted upstream on loopback that records what it is asked.
 *
 * <p>Limits: a request head is at most 1 MiB.
 *
 * <p>Threading: one virtual thread for each connection; the methods may be called from any thread.
 */
public final class Origin implements AutoCloseable {
  private static final int HEAD_BYTES_MAX = 1 << 20;
  private static final int BACKLOG = 1024;

  private final ServerSocket listener;
  private final String scheme;
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final Queue<Received> received = new ConcurrentLinkedQueue<>();
  private final Map<Socket, Thread> live = new ConcurrentHashMap<>();
  private final Set<Thread> started = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder bodyBytes = new LongAdder();
  private final LongAdder broken = new LongAdder();
  private volatile @Nullable Script otherwise;

  private Origin(ServerSocket listener, String scheme) {
    this.listener = listener;
    this.scheme = scheme;
  }

  /** Starts an upstream that speaks in clear. */
  public static Origin start() {
    try {
      ServerSocket listener = new ServerSocket();
      return bound(listener, "http");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts an upstream that speaks TLS. */
  public static Origin startTls(SSLContext tls) {
    try {
      return bound(tls.getServerSocketFactory().createServerSocket(), "https");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Origin bound(ServerSocket listener, String scheme) throws IOException {
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    Origin origin = new Origin(listener, scheme);
    Thread.ofVirtual().name("origin-accept").start(origin::acceptAll);
    return origin;
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Its address without a path. */
  public String url() {
    return scheme + "://127.0.0.1:" + port();
  }

  /** Sets what a path under {@code /base} answers; with a query for that query only. */
  public Origin at(String path, Script script) {
    return atRoot("/base" + path, script);
  }

  /** Sets what an exact target answers. */
  public Origin atRoot(String target, Script script) {
    scripts.put(target, script);
    return this;
  }

  /** Sets what every other target answers; without it that is 404. */
  public Origin otherwise(Script script) {
    otherwise = script;
    return this;
  }

  /** Every request so far, in order of arrival. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  /** The requests for one path under {@code /base}, query ignored. */
  public List<Received> received(String path) {
    return received.stream().filter(r -> r.path().equals("/base" + path)).toList();
  }

  /** How often the body of one path under {@code /base} was asked for: the GETs. */
  public int gets(String path) {
    return (int) received(path).stream().filter(r -> r.method().equals("GET")).count();
  }

  /** All requests so far. */
  public int requests() {
    return received.size();
  }

  /** All connections ever accepted. */
  public int connections() {
    return connections.get();
  }

  /** Connections that are open now. */
  public int liveConnections() {
    return live.size();
  }

  /** Connections that ended in an error, ours or the product's. */
  public long brokenConnections() {
    return broken.sum();
  }

  /** Body bytes written so far. */
  public long bodyBytes() {
    return bodyBytes.sum();
  }

  /** Whether any head so far contains the text, letter case ignored. */
  public boolean sawAnywhere(String text) {
    return received.stream().anyMatch(r -> containsIgnoringCase(r.headText(), text));
  }

  private static boolean containsIgnoringCase(String where, String what) {
    for (int i = 0; i + what.length() <= where.length(); i++) {
      if (where.regionMatches(true, i, what, 0, what.length())) {
        return true;
      }
    }
    return false;
  }

  /** Ends all connections and stops listening; a port closed like this refuses connections. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    dropConnections();
    started.forEach(Thread::interrupt);
  }

  /** Ends the connections that are open now. */
  public void dropConnections() {
    live.keySet().forEach(this::closeQuietly);
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        int number = connections.incrementAndGet();
        Thread thread =
            Thread.ofVirtual().name("origin-" + number).unstarted(() -> serve(socket, number));
        live.put(socket, thread);
        started.add(thread);
        thread.start();
      } catch (IOException _) {
        broken.increment(); // by close(), or by a client that was gone before it was accepted
      }
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        String head = readHead(in);
        if (head.isEmpty()) {
          return;
        }
        Received request = new Received(number, head);
        received.add(request);
        Exchange exchange = new Exchange(request, socket, bodyBytes);
        scriptFor(request).answer(exchange);
        String connection = request.first("Connection");
        if (exchange.closing() || (connection != null && connection.equalsIgnoreCase("close"))) {
          return;
        }
      }
    } catch (IOException _) {
      broken.increment(); // ended by the product; the test sees that at its own side
    } finally {
      live.remove(socket);
      started.remove(Thread.currentThread());
    }
  }

  private Script scriptFor(Received request) {
    Script exact = scripts.get(request.target());
    if (exact != null) {
      return exact;
    }
    Script path = scripts.get(request.path());
    if (path != null) {
      return path;
    }
    Script rest = otherwise;
    return rest == null ? Script.status(404) : rest;
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < HEAD_BYTES_MAX) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
      int length = head.length();
      if (next == '\n' && length >= 4 && head.substring(length - 4).equals("\r\n\r\n")) {
        return head.substring(0, length - 4);
      }
    }
    throw new IOException("request head too long");
  }

  private void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      broken.increment();
    }
  }
}
