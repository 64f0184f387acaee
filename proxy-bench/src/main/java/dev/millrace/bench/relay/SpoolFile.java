package dev.millrace.bench.relay;

import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file without a name.
 *
 * <p>Threading: confined to one loop.
 *
 * <p>Ownership: the maker closes it, after its regions are sent.
 */
final class SpoolFile {
  private final FileChannel channel;
  private long written;

  private SpoolFile(FileChannel channel) {
    this.channel = channel;
  }

  static SpoolFile create(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "body", null);
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(file);
    return new SpoolFile(channel);
  }

  void append(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      written += channel.write(source, written);
    }
  }

  long written() {
    return written;
  }

  DefaultFileRegion region(long position, long count) {
    return new KeptRegion(channel, position, count);
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A region that leaves the file open. */
  private static final class KeptRegion extends DefaultFileRegion {
    KeptRegion(FileChannel channel, long position, long count) {
      super(channel, position, count);
    }

    @Override
    protected void deallocate() {
      // The body closes its file.
    }
  }
}
