package dev.millrace.storage;

import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One open file descriptor that several holders share by counted leases.
 *
 * <p>Threading: leases may be taken and given back on any thread; writing is for one fill thread at
 * a time; reading by position is free. No thread that touches the channel may be interrupted: that
 * would close it for every holder ({@link java.nio.channels.InterruptibleChannel}). The last lease
 * often goes on an event loop, and closing an unlinked file frees its blocks, so the close itself
 * runs on {@code closer}.
 *
 * <p>Ownership: the opener holds the first lease. {@link #tryRetain} adds one, {@link #release}
 * gives one back, the last one closes the descriptor. Unlinking or renaming the file does not
 * disturb a lease.
 */
public final class OpenFile {
  private final FileChannel channel;
  private final Executor closer;
  private final Runnable onClose;
  private final AtomicInteger leases = new AtomicInteger(1);

  /** Takes over the channel with one lease; {@code onClose} runs once, after it was closed. */
  public OpenFile(FileChannel channel, Runnable onClose) {
    this(channel, Runnable::run, onClose);
  }

  /** The same, with the channel closed on that executor. */
  public OpenFile(FileChannel channel, Executor closer, Runnable onClose) {
    this.channel = channel;
    this.closer = closer;
    this.onClose = onClose;
  }

  /**
   * A part of the file for {@code sendfile}. Ownership: the region holds a lease of its own until
   * it is released; the caller must hold one while it calls.
   */
  public FileRegion region(long position, long count) {
    if (!tryRetain()) {
      throw new IllegalStateException("the caller holds no lease");
    }
    return new LeasedFileRegion(this, position, count);
  }

  /** Reads into {@code target} at that position; bytes read, -1 at the end. Blocks on the disk. */
  public int read(ByteBuffer target, long position) throws IOException {
    return channel.read(target, position);
  }

  /** Length of the file in bytes. Blocks on the disk. */
  public long sizeBytes() throws IOException {
    return channel.size();
  }

  FileChannel channel() {
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
      closer.execute(this::closeChannel);
    }
  }

  /** Leases out at this moment; for tests and checks. */
  public int leaseCount() {
    return leases.get();
  }

  /**
   * Writes all of {@code source} at that position; a short write is no error. Blocks on the disk.
   */
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
