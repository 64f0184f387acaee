package dev.millrace.bench.rig;

import io.netty.buffer.ByteBuf;

/**
 * Finds where a response ends, and keeps nothing of it.
 *
 * <p>It trusts its peer: a measurement is no place for a strict parser. Limits: a head of {@link
 * #HEAD_BYTES}.
 *
 * <p>Threading: confined to its connection's loop.
 */
final class ResponseScanner {
  private static final int HEAD_BYTES = 16 << 10;
  private static final byte[] LENGTH =
      "content-length:".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  private static final byte[] CODING =
      "transfer-encoding:".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

  private enum State {
    HEAD,
    LENGTH,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    CLOSE,
    DONE
  }

  private final byte[] head = new byte[HEAD_BYTES];
  private State state = State.HEAD;
  private int filled;
  private int status;
  private long left;
  private long bodyBytes;
  private int lineBytes;

  /** Forgets everything: the next response begins. */
  void reset() {
    state = State.HEAD;
    filled = 0;
    status = 0;
    left = 0;
    bodyBytes = 0;
    lineBytes = 0;
  }

  /** Takes what came. Errors: unchecked when it is no response. */
  void feed(ByteBuf bytes) {
    if (state == State.HEAD) {
      feedHead(bytes);
    }
    while (bytes.isReadable()) {
      switch (state) {
        case HEAD, DONE -> {
          return;
        }
        case LENGTH -> {
          skip(bytes);
          if (left == 0) {
            state = State.DONE;
          }
        }
        case CHUNK -> {
          skip(bytes);
          if (left == 0) {
            state = State.CHUNK_END;
          }
        }
        case CHUNK_SIZE -> chunkSize(bytes.readByte());
        case CHUNK_END -> {
          if (bytes.readByte() == '\n') {
            state = State.CHUNK_SIZE;
          }
        }
        case TRAILER -> trailer(bytes.readByte());
        case CLOSE -> {
          bodyBytes += bytes.readableBytes();
          bytes.skipBytes(bytes.readableBytes());
        }
      }
    }
  }

  /** Whether all of the response came. */
  boolean isDone() {
    return state == State.DONE;
  }

  /** Whether the end of the connection is the end of the response. */
  boolean endsByClose() {
    return state == State.CLOSE;
  }

  int status() {
    return status;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  private void skip(ByteBuf bytes) {
    int count = (int) Math.min(left, bytes.readableBytes());
    bytes.skipBytes(count);
    left -= count;
    bodyBytes += count;
  }

  private void feedHead(ByteBuf bytes) {
    int before = filled;
    int count = Math.min(bytes.readableBytes(), HEAD_BYTES - before);
    bytes.getBytes(bytes.readerIndex(), head, before, count);
    filled += count;
    int end = headEnd(head, Math.max(0, before - 3), filled);
    if (end < 0) {
      if (filled == HEAD_BYTES) {
        throw new IllegalStateException("a response head of more than " + HEAD_BYTES + " bytes");
      }
      bytes.skipBytes(count);
      return;
    }
    bytes.skipBytes(end - before);
    read(end);
  }

  private void read(int end) {
    if (end < 13 || head[0] != 'H') {
      throw new IllegalStateException("not a response");
    }
    status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
    left = -1;
    boolean chunked = false;
    for (int at = 12; at < end - 2; at++) {
      if (head[at] != '\n') {
        continue;
      }
      if (startsWith(at + 1, end, LENGTH)) {
        left = number(at + 1 + LENGTH.length, end);
      } else if (startsWith(at + 1, end, CODING)) {
        chunked = true;
      }
    }
    if (status == 204 || status == 304 || (!chunked && left == 0)) {
      state = State.DONE;
    } else if (chunked) {
      left = 0;
      state = State.CHUNK_SIZE;
    } else {
      state = left > 0 ? State.LENGTH : State.CLOSE;
    }
  }

  private boolean startsWith(int at, int end, byte[] name) {
    if (at + name.length > end) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      int c = head[at + i];
      if (c != name[i] && (c | 0x20) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private long number(int at, int end) {
    long value = 0;
    for (int i = at; i < end && head[i] != '\r'; i++) {
      if (head[i] >= '0' && head[i] <= '9') {
        value = value * 10 + (head[i] - '0');
      }
    }
    return value;
  }

  private void chunkSize(byte c) {
    int digit = Character.digit(c, 16);
    if (digit >= 0) {
      left = left * 16 + digit;
    } else if (c == '\n') {
      state = left == 0 ? State.TRAILER : State.CHUNK;
      lineBytes = 0;
    }
  }

  private void trailer(byte c) {
    if (c == '\n') {
      if (lineBytes == 0) {
        state = State.DONE;
      }
      lineBytes = 0;
    } else if (c != '\r') {
      lineBytes++;
    }
  }

  /**
   * Where the empty line behind a head ends, looked for from {@code from}; -1 when it is not there.
   */
  static int headEnd(byte[] bytes, int from, int to) {
    for (int at = from; at + 3 < to; at++) {
      if (bytes[at] == '\r'
          && bytes[at + 1] == '\n'
          && bytes[at + 2] == '\r'
          && bytes[at + 3] == '\n') {
        return at + 4;
      }
    }
    return -1;
  }
}
