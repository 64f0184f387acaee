package dev.millrace.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * A whole file as a stream, for parsers; bodies for clients never go through it.
 *
 * <p>Threading: one thread at a time; blocks on the disk. Ownership: holds one lease of the file,
 * which {@link #close} gives back.
 */
public final class FileStream extends InputStream {
  private final OpenFile file;
  private long position;
  private boolean closed;

  /** Takes over one lease. */
  public FileStream(OpenFile file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = file.read(ByteBuffer.wrap(target, offset, length), position);
    position += Math.max(0, count);
    return count;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      file.release();
    }
  }
}
