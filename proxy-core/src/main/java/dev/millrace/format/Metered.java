package dev.millrace.format;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * An index on its way into a parser, which holds in memory what it has not handed on yet: more than
 * was allowed for that is refused, or a hostile index would be an object of its own size.
 *
 * <p>Threading: confined to one thread.
 */
final class Metered extends FilterInputStream {
  private long read;
  private long end = Long.MAX_VALUE;

  /** Meters nothing until {@link #allow}. */
  Metered(InputStream index) {
    super(index);
  }

  /** From here on so many bytes, and what the parser reads ahead, may come. */
  void allow(int bytes) {
    end = read + bytes;
  }

  /** Any number may come. */
  void allowAll() {
    end = Long.MAX_VALUE;
  }

  @Override
  public int read() throws IOException {
    check();
    int one = super.read();
    read += one < 0 ? 0 : 1;
    return one;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    check();
    int count = super.read(target, offset, length);
    read += Math.max(0, count);
    return count;
  }

  private void check() throws MalformedIndexException {
    if (read > end) {
      throw new MalformedIndexException("one of its entries is too large");
    }
  }
}
