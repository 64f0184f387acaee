package dev.millrace.it.rig;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * One request at the upstream and the connection to answer it on.
 *
 * <p>Threading: confined to the connection's thread.
 */
public final class Exchange {
  private final Received request;
  private final Socket socket;
  private final LongAdder bodyBytes;
  private boolean closing;
  private boolean peerReset;

  Exchange(Received request, Socket socket, LongAdder bodyBytes) {
    this.request = request;
    this.socket = socket;
    this.bodyBytes = bodyBytes;
  }

  /** What was asked. */
  public Received request() {
    return request;
  }

  /** Sends bytes that are no body. */
  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends characters that are no body, one byte each. */
  public void send(String latin1) throws IOException {
    send(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes of a body and counts them. */
  public void sendBody(byte[] bytes, int length) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes, 0, length);
    bodyBytes.add(length);
  }

  /** Ends the connection in order when the script returns. */
  public void closeAfter() {
    closing = true;
  }

  /** Ends the connection with a reset. */
  public void reset() throws IOException {
    closing = true;
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Waits, saying nothing, until the peer ends the connection or the upstream is closed. */
  public void waitForPeer() {
    closing = true;
    try {
      InputStream in = socket.getInputStream();
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException _) {
      peerReset = true;
    }
  }

  boolean closing() {
    return closing || peerReset || socket.isClosed();
  }
}
