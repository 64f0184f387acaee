package dev.millrace.it.rig;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A client of HTTP/2 that sends exact frames (RFC 9113) and sees those that come.
 *
 * <p>Fields are sent as literals that are never indexed and not compressed (RFC 7541 §6.2.3), so
 * that a test can put any byte into them.
 *
 * <p>Threading: confined to the thread that uses it.
 */
public final class RawHttp2 implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int ACK = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final SSLSocket socket;
  private final DataInputStream in;
  private boolean unsent;

  /** A frame that came; {@link #isClose} when the connection ended instead. */
  public static final class Frame {
    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    Frame(int type, int flags, int stream, byte[] payload) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = payload;
    }

    /** Its type. */
    public int type() {
      return type;
    }

    /** Its stream, 0 for the connection. */
    public int stream() {
      return stream;
    }

    /** What it carries. */
    public byte[] payload() {
      return payload;
    }

    /** Whether the connection ended. */
    public boolean isClose() {
      return type < 0;
    }

    /** Whether it is the last of its stream. */
    public boolean ends() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error code of a {@code RST_STREAM}, or of a {@code GOAWAY}. */
    public int error() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    /** The status of response fields whose first is {@code :status}. */
    public String status() {
      int first = payload[0] & 0xff;
      return switch (first) {
        case 0x88 -> "200";
        case 0x89 -> "204";
        case 0x8a -> "206";
        case 0x8b -> "304";
        case 0x8c -> "400";
        case 0x8d -> "404";
        case 0x8e -> "500";
        default -> literalStatus(payload);
      };
    }

    /** Three digits, plain or by the code of RFC 7541 appendix B. */
    private static String literalStatus(byte[] block) {
      int length = block[1] & 0x7f;
      if ((block[1] & 0x80) == 0) {
        return new String(block, 2, length, StandardCharsets.US_ASCII);
      }
      long bits = 0;
      for (int i = 0; i < length; i++) {
        bits = bits << 8 | (block[2 + i] & 0xff);
      }
      StringBuilder digits = new StringBuilder();
      int left = length * 8;
      while (digits.length() < 3) {
        int five = (int) (bits >>> (left - 5)) & 0x1f;
        if (five <= 2) {
          digits.append(five);
          left -= 5;
        } else {
          digits.append(((int) (bits >>> (left - 6)) & 0x3f) - 0x19 + 3);
          left -= 6;
        }
      }
      return digits.toString();
    }
  }

  private RawHttp2(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Connects, and sends the preface and settings: pairs of identifier and value. */
  public static RawHttp2 connect(int port, SSLContext trust, int... settings) {
    try {
      SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", port);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.startHandshake();
      if (!socket.getApplicationProtocol().equals("h2")) {
        throw new IllegalStateException("HTTP/2 is not spoken");
      }
      RawHttp2 client = new RawHttp2(socket);
      client.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
      client.settings(settings);
      return client;
    } catch (IOException e) {
      throw new IllegalStateException("cannot connect to port " + port, e);
    }
  }

  /** Sends settings: pairs of identifier and value. */
  public RawHttp2 settings(int... pairs) {
    ByteBuffer payload = ByteBuffer.allocate(pairs.length * 3);
    for (int i = 0; i < pairs.length; i += 2) {
      payload.putShort((short) pairs[i]).putInt(pairs[i + 1]);
    }
    return frame(SETTINGS, 0, 0, payload.array());
  }

  /** Sends a frame; what cannot be sent any more is not. */
  public RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
    write(
        ByteBuffer.allocate(9 + payload.length)
            .putInt(payload.length << 8 | type)
            .put((byte) flags)
            .putInt(stream)
            .put(payload)
            .array());
    return this;
  }

  /** Sends a whole request without a body. */
  public RawHttp2 get(int stream, String target, String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(
        block(":method", "GET", ":scheme", "https", ":authority", "127.0.0.1", ":path", target));
    block.writeBytes(block(namesAndValues));
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, block.toByteArray());
  }

  /** A block of fields; one char is one byte. */
  public static byte[] block(String... namesAndValues) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.write(0x10);
      text(out, namesAndValues[i]);
      text(out, namesAndValues[i + 1]);
    }
    return out.toByteArray();
  }

  /** A text with its length in front (RFC 7541 §5.2). */
  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int length = bytes.length;
    if (length < 127) {
      out.write(length);
    } else {
      out.write(127);
      length -= 127;
      while (length >= 128) {
        out.write(length % 128 + 128);
        length /= 128;
      }
      out.write(length);
    }
    out.writeBytes(bytes);
  }

  /** The next frame of the peer; its settings and pings are acknowledged. */
  public Frame next() {
    try {
      int lengthAndType = in.readInt();
      int flags = in.readUnsignedByte();
      int stream = in.readInt() & Integer.MAX_VALUE;
      byte[] payload = in.readNBytes(lengthAndType >>> 8);
      Frame frame = new Frame(lengthAndType & 0xff, flags, stream, payload);
      if ((frame.type == SETTINGS || frame.type == PING) && (flags & ACK) == 0) {
        frame(frame.type(), ACK, 0, frame.type() == PING ? payload : new byte[0]);
      }
      return frame;
    } catch (EOFException | SocketException | SSLException e) {
      return new Frame(-1, 0, 0, new byte[0]);
    } catch (SocketTimeoutException e) {
      throw new IllegalStateException("no frame came", e);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next frame of that kind, or the end of the connection. */
  public Frame await(Predicate<Frame> wanted) {
    Frame frame = next();
    while (!frame.isClose() && !wanted.test(frame)) {
      frame = next();
    }
    return frame;
  }

  /** What ends a stream, one way or another: its last frame, a reset, a goodbye, the end. */
  public Frame awaitEndOf(int stream) {
    return await(frame ->
        frame.type() == GOAWAY
            || (frame.stream() == stream && (frame.ends() || frame.type() == RST_STREAM)));
  }

  /** The head of an answer, or what came instead. */
  public Frame awaitHead(int stream) {
    return await(frame ->
        frame.type() == GOAWAY
            || (frame.stream() == stream
                && (frame.type() == HEADERS || frame.type() == RST_STREAM)));
  }

  /** Reads a body, letting the peer send as it comes; its bytes, null when it was reset. */
  public byte @Nullable [] body(int stream) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      Frame frame = next();
      if (frame.isClose() || (frame.stream() == stream && frame.type() == RST_STREAM)) {
        return null;
      }
      if (frame.stream() == stream && frame.type() == DATA) {
        body.writeBytes(frame.payload());
        grant(0, frame.payload().length);
        if (!frame.ends()) {
          grant(stream, frame.payload().length);
        }
      }
      if (frame.stream() == stream && frame.ends()) {
        return body.toByteArray();
      }
    }
  }

  /** Makes room for so many bytes more; 0 stands for the connection. */
  public RawHttp2 grant(int stream, int bytes) {
    return bytes == 0
        ? this
        : frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  private void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // The peer has closed: what it said first is still to be read.
      unsent = true;
    }
  }

  /** Whether the peer closed before all was sent. */
  public boolean sentLess() {
    return unsent;
  }

  /** Waits no longer than that for a frame. */
  public RawHttp2 patience(Duration limit) {
    try {
      socket.setSoTimeout((int) limit.toMillis());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return this;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
