package dev.millrace.bench.rig;

import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.SplittableRandom;

/**
 * The random bytes that every body is cut from: body byte {@code n} is byte {@code n} modulo the
 * file's length, but for the unique bytes at the start.
 *
 * <p>Threading: immutable once made.
 */
final class BaseBody {
  private static final long SEED = 0x5eed;

  private final FileChannel channel;
  private final MappedByteBuffer mapped;
  private final int bytes;

  private BaseBody(FileChannel channel, MappedByteBuffer mapped) {
    this.channel = channel;
    this.mapped = mapped;
    this.bytes = mapped.capacity();
  }

  /** Writes the file; the same bytes each time. */
  static BaseBody create(Path file, int bytes) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    SplittableRandom random = new SplittableRandom(SEED);
    byte[] piece = new byte[1 << 20];
    for (int written = 0; written < bytes; written += piece.length) {
      random.nextBytes(piece);
      ByteBuffer source = ByteBuffer.wrap(piece, 0, Math.min(piece.length, bytes - written));
      while (source.hasRemaining()) {
        channel.write(source);
      }
    }
    return new BaseBody(channel, channel.map(MapMode.READ_ONLY, 0, bytes));
  }

  /** As much from that position of a body as lies in one piece of the file. */
  DefaultFileRegion region(long position, long most) {
    long start = position % bytes;
    return new SharedRegion(channel, start, Math.min(most, bytes - start));
  }

  /** Bytes of a small body, from {@code from} to before {@code to}. */
  ByteBuffer slice(int from, int to) {
    return mapped.slice(from, to - from);
  }

  /** Whether {@link #slice} has all of it. */
  boolean holds(long end) {
    return end <= bytes;
  }

  /** The SHA-256 of that body. */
  byte[] sha256(BodySpec spec) {
    MessageDigest hash = BodySpec.sha256Digest();
    int unique = (int) Math.min(BodySpec.PREFIX_BYTES, spec.bytes());
    hash.update(spec.prefix(), 0, unique);
    for (long at = unique; at < spec.bytes(); ) {
      int start = (int) (at % bytes);
      int count = (int) Math.min(spec.bytes() - at, bytes - start);
      hash.update(mapped.slice(start, count));
      at += count;
    }
    return hash.digest();
  }

  /** A region that leaves its channel open: it belongs to all bodies. */
  private static final class SharedRegion extends DefaultFileRegion {
    SharedRegion(FileChannel channel, long position, long count) {
      super(channel, position, count);
    }

    @Override
    protected void deallocate() {
      // The channel lives as long as the process.
    }
  }
}
