package dev.millrace.bench.node;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A client's keep-alive connection that asks for one target again and again, with two system calls
 * for each answer and nothing on the heap.
 *
 * <p>Threading: confined to one thread.
 */
final class KeptConnection implements AutoCloseable {
  private static final int ANSWER_BYTES_MAX = 128 << 10;

  private final SocketChannel channel;
  private final ByteBuffer request;
  private final ByteBuffer answer = ByteBuffer.allocateDirect(ANSWER_BYTES_MAX);
  private int answerBytes;
  private boolean hit;

  private KeptConnection(SocketChannel channel, String target) {
    this.channel = channel;
    byte[] head =
        ("GET " + target + " HTTP/1.1\r\nHost: proxy.example\r\nUser-Agent: bench\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    request = ByteBuffer.allocateDirect(head.length).put(head).flip();
  }

  /** Connects, asks once, and learns how long each answer is. */
  static KeptConnection open(URI node, String target, int bodyBytes) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(node.getHost(), node.getPort()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    KeptConnection connection = new KeptConnection(channel, target);
    connection.ask();
    connection.learn(bodyBytes);
    return connection;
  }

  /** Sends a request. */
  void ask() throws IOException {
    request.rewind();
    while (request.hasRemaining()) {
      channel.write(request);
    }
  }

  /** Receives a whole answer. */
  void take() throws IOException {
    answer.clear().limit(answerBytes);
    while (answer.hasRemaining()) {
      receive();
    }
  }

  /** Whether the first answer came from the store. */
  boolean isHit() {
    return hit;
  }

  private void learn(int bodyBytes) throws IOException {
    answer.clear();
    while (answerBytes == 0 || answer.position() < answerBytes) {
      receive();
      String text = StandardCharsets.ISO_8859_1.decode(answer.duplicate().flip()).toString();
      int headEnd = text.indexOf("\r\n\r\n");
      if (headEnd >= 0 && answerBytes == 0) {
        if (!text.startsWith("HTTP/1.1 200 ")) {
          throw new IOException(text.lines().findFirst().orElse("an empty answer"));
        }
        hit = text.substring(0, headEnd).contains("Cache-Status: millrace; hit");
        answerBytes = headEnd + 4 + bodyBytes;
      }
    }
  }

  private void receive() throws IOException {
    if (channel.read(answer) < 0) {
      throw new EOFException("the node has closed the connection");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
