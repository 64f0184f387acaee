package dev.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One open file descriptor that several holders share by counted leases.
 *
 * <p>Threading: leases may be taken and given back on any thread; writing is for one fill thread at
 * a time; reading by position is free.
 *
 * <p>Ownership: the opener holds the first lease. {@link #tryRetain} adds one, {@link #release}
 * gives one back, the last one closes the descriptor. Unlinking or renaming the file does not
 * disturb a lease.
 */
public final class OpenFile {
  private final FileChannel channel;
  private final Runnable onClose;
  private final AtomicInteger leases = new AtomicInteger(1);

  /** Takes over the channel with one lease; {@code onClose} runs once, after it was closed. */
  public OpenFile(FileChannel channel, Runnable onClose) {
    this.channel = channel;
    this.onClose = onClose;
  }

  /**
   * The channel, for {@code sendfile} and for positional reads; never to be closed by the caller.
   */
  public FileChannel channel() {
    return channel;
  }

  /** Takes one more lease; false when the last one is already gone. */
  public boolean tryRetain() {
    while (true) {
      int held = leases.get();
      if (held == 0) {
        return false;
      }
      if (leases.compareAndSet(held, held + 1)) {
        return true;
      }
    }
  }

  /** Gives one lease back; the last one closes the file. */
  public void release() {
    int left = leases.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("a lease was given back twice");
    }
    if (left == 0) {
      closeChannel();
    }
  }

  /** Leases out at this moment; for tests and checks. */
  public int leaseCount() {
    return leases.get();
  }

  /** Writes all of {@code source} at that position. Blocks on the disk. */
  public void write(ByteBuffer source, long position) throws IOException {
    long at = position;
    while (source.hasRemaining()) {
      at += channel.write(source, at);
    }
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing depends on the close: what must last was synced before, and the kernel frees the
      // descriptor even when close reports an error (Linux close(2), "Dealing with error returns").
      assert !channel.isOpen();
    } finally {
      onClose.run();
    }
  }
}
