package dev.millrace.it.rig;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A client on one connection that sends exact bytes and sees how each answer ended.
 *
 * <p>Limits: {@link #read} holds at most 128 MiB of a body; larger ones go through {@link #drain}.
 *
 * <p>Threading: confined to the thread that uses it.
 */
public final class RawClient implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int WHOLE_BYTES_MAX = 128 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Socket socket;
  private final InputStream in;
  private Pace pace = new Pace(0);
  private End lastEnd = End.WHOLE;
  private boolean unsent;

  private RawClient(Socket socket, int bufferBytes) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), bufferBytes);
  }

  /** Connects to a port on loopback. */
  public static RawClient connect(int port) {
    return connect(port, 0);
  }

  /**
   * Connects with a receive buffer of this size in the kernel and none here, so that what is not
   * read stays with the peer; 0 leaves the defaults.
   */
  public static RawClient connect(int port, int receiveBufferBytes) {
    Socket socket = new Socket();
    try {
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return new RawClient(socket, receiveBufferBytes > 0 ? 1 : BUFFER_BYTES);
    } catch (IOException e) {
      throw new IllegalStateException("cannot connect to port " + port, e);
    }
  }

  /** Connects by TLS, to a server with a certificate for the address. */
  public static RawClient secured(int port, SSLContext trust) {
    try {
      SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", port);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      return new RawClient(socket, BUFFER_BYTES);
    } catch (IOException e) {
      throw new IllegalStateException("cannot connect to port " + port, e);
    }
  }

  /** How long a read waits before it ends with {@link End#TIMED_OUT}. */
  public RawClient patience(Duration limit) {
    try {
      socket.setSoTimeout((int) limit.toMillis());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return this;
  }

  /** Reads bodies at most so fast from now on. */
  public RawClient readingAt(long bytesPerSecond) {
    pace = new Pace(bytesPerSecond);
    return this;
  }

  /** Sends these bytes; what the peer does not take any more is lost without an error. */
  public RawClient send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException _) {
      unsent = true; // a peer that refuses closes early: its answer is what the test looks at
    }
    return this;
  }

  /** Whether the peer did not take all that was sent. */
  public boolean sentLess() {
    return unsent;
  }

  /** Sends these characters, one byte each. */
  public RawClient send(String latin1) {
    return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a request without a body; the field lines come after {@code Host}. */
  public RawClient request(String method, String target, String... fieldLines) {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1:").append(socket.getPort()).append("\r\n");
    for (String line : fieldLines) {
      head.append(line).append("\r\n");
    }
    return send(head.append("\r\n").toString());
  }

  /** Sends a GET and reads its whole answer. */
  public Answer get(String target, String... fieldLines) {
    return request("GET", target, fieldLines).read("GET");
  }

  /** Reads one final answer to a request with this method into memory. */
  public Answer read(String method) {
    Head head = headOrNull();
    while (head != null && head.status() >= 100 && head.status() < 200 && head.status() != 101) {
      head = headOrNull();
    }
    if (head == null) {
      return new Answer(Head.parse(List.of()), new byte[0], lastEnd);
    }
    return body(head, method);
  }

  private Answer body(Head head, String method) {
    Collector collector = new Collector();
    End end = drain(head, method, collector);
    return new Answer(head, collector.bytes(), end);
  }

  /** Reads the next head, interim or final; null when the connection ended or stayed silent. */
  public @Nullable Head headOrNull() {
    List<String> lines = new ArrayList<>();
    try {
      String line = line();
      while (!line.isEmpty()) {
        lines.add(line);
        line = line();
      }
      return Head.parse(lines);
    } catch (IOException e) {
      lastEnd = endOf(e);
      return lines.isEmpty() ? null : Head.parse(lines);
    }
  }

  /** Reads the next final head; fails when there is none. */
  public Head head() {
    Head head = headOrNull();
    while (head != null && head.status() >= 100 && head.status() < 200) {
      head = headOrNull();
    }
    if (head == null) {
      throw new AssertionError("no answer: " + lastEnd);
    }
    return head;
  }

  /** Hands the body that follows a head to the sink and says how it ended. */
  public End drain(Head head, String method, Sink sink) {
    int status = head.status();
    boolean empty = method.equals("HEAD") || status == 204 || status == 304 || status < 200;
    if (empty) {
      return End.WHOLE;
    }
    try {
      if (head.chunked()) {
        return drainChunks(sink);
      }
      long length = head.contentLength();
      return length >= 0 ? drainLength(length, sink) : drainToClose(sink);
    } catch (IOException | NumberFormatException e) {
      return e instanceof IOException io ? endOf(io) : End.BAD_FRAMING;
    }
  }

  /** Reads answers until the peer ends the connection or says nothing more for the patience. */
  public List<Answer> readUntilClose(String method) {
    List<Answer> answers = new ArrayList<>();
    Head head = headOrNull();
    while (head != null) {
      Answer answer = body(head, method);
      answers.add(answer);
      lastEnd = answer.end();
      if (answer.end() != End.WHOLE) {
        break;
      }
      head = headOrNull();
    }
    return answers;
  }

  /** How the connection stood after the last read: closed, reset or silent. */
  public End lastEnd() {
    return lastEnd;
  }

  /** Reads and drops whatever comes until the peer ends the connection, and says how it did. */
  public End awaitClose() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      while (in.read(buffer) >= 0) {
        pace.passed(1);
      }
      return End.CLOSED_EARLY;
    } catch (IOException e) {
      return endOf(e);
    }
  }

  /** Says that nothing more will be sent. */
  public RawClient halfClose() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the connection with a reset. */
  public void abort() {
    if (socket.isClosed()) {
      return;
    }
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private End drainLength(long length, Sink sink) throws IOException {
    byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER_BYTES, length))];
    long left = length;
    while (left > 0) {
      int wanted = pace.stepBytes((int) Math.min(buffer.length, left));
      int got = readSome(buffer, wanted);
      left -= got;
      pace.passed(got);
      if (!sink.accept(buffer, got)) {
        return End.STOPPED;
      }
    }
    return End.WHOLE;
  }

  private End drainToClose(Sink sink) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    while (true) {
      int got = in.read(buffer, 0, pace.stepBytes(buffer.length));
      if (got < 0) {
        return End.WHOLE;
      }
      pace.passed(got);
      if (!sink.accept(buffer, got)) {
        return End.STOPPED;
      }
    }
  }

  private End drainChunks(Sink sink) throws IOException {
    while (true) {
      String size = line();
      int semicolon = size.indexOf(';');
      long length =
          Long.parseLong((semicolon < 0 ? size : size.substring(0, semicolon)).strip(), 16);
      if (length == 0) {
        while (!line().isEmpty()) {
          // trailers carry nothing a test looks at
        }
        return End.WHOLE;
      }
      End end = drainLength(length, sink);
      if (end != End.WHOLE) {
        return end;
      }
      if (!line().isEmpty()) {
        return End.BAD_FRAMING;
      }
    }
  }

  private int readSome(byte[] buffer, int wanted) throws IOException {
    int got = in.read(buffer, 0, wanted);
    if (got < 0) {
      throw new EOFException();
    }
    return got;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      if (next == '\n') {
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
          line.setLength(length - 1);
        }
        return line.toString();
      }
      line.append((char) next);
    }
  }

  private static End endOf(IOException e) {
    if (e instanceof EOFException) {
      return End.CLOSED_EARLY;
    }
    return e instanceof SocketTimeoutException ? End.TIMED_OUT : End.RESET;
  }

  /** Keeps a body that fits into memory. */
  private static final class Collector implements Sink {
    private byte[] bytes = new byte[1024];
    private int length;

    @Override
    public boolean accept(byte[] more, int count) {
      if (length + count > bytes.length) {
        int grown = Math.max(length + count, Math.min(WHOLE_BYTES_MAX, bytes.length * 2));
        bytes = Arrays.copyOf(bytes, grown);
      }
      System.arraycopy(more, 0, bytes, length, count);
      length += count;
      return length <= WHOLE_BYTES_MAX;
    }

    byte[] bytes() {
      return Arrays.copyOf(bytes, length);
    }
  }
}
