package dev.millrace.exchange;

import dev.millrace.artifact.Digest;
import dev.millrace.artifact.StreamDigest;
import dev.millrace.store.StagedBlob;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes a staged blob from its start, and hashes it.
 *
 * <p>Threading: confined to one thread; blocks on the disk. Ownership: not the staged blob.
 */
final class StagedStream extends OutputStream {
  private final StagedBlob staged;
  private final StreamDigest running;
  private final ByteBuffer buffer;
  private long written;

  StagedStream(StagedBlob staged, StreamDigest running, int bufferBytes) {
    this.staged = staged;
    this.running = running;
    this.buffer = ByteBuffer.allocateDirect(bufferBytes);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      int count = Math.min(buffer.remaining(), end - at);
      buffer.put(source, at, count);
      at += count;
      if (!buffer.hasRemaining()) {
        drain();
      }
    }
  }

  /** Nothing but {@link #close} needs the last bytes in the file. */
  @Override
  public void close() throws IOException {
    drain();
  }

  private void drain() throws IOException {
    buffer.flip();
    int count = buffer.remaining();
    if (count > 0) {
      running.update(buffer.duplicate());
      staged.grow(count);
      staged.write(buffer, written);
      written += count;
    }
    buffer.clear();
  }

  /** Of all of it; once closed. */
  Digest digest() {
    return running.finish();
  }

  /** Bytes in the file. */
  long lengthBytes() {
    return written;
  }
}
