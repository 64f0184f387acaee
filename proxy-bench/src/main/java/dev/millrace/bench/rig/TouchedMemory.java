package dev.millrace.bench.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Memory that the machine under a virtual machine has already given, handed out as fast as a
 * measurement takes it: a page that is touched for the first time costs ten to twenty times one
 * that was touched before, and what is free for some seconds is taken back. A file in memory holds
 * the pages and is cut as {@code MemFree} sinks, so that {@link #AHEAD_BYTES} of what is free was
 * touched just before.
 *
 * <p>Threading: cuts on a thread of its own.
 *
 * <p>Ownership: the maker closes it, which ends the thread and removes the file.
 */
public final class TouchedMemory implements AutoCloseable {
  private static final Path MEMORY = Path.of("/proc/meminfo");

  /** Faster than that, per {@link #POLL_NANOS}, nothing here can write. */
  private static final long AHEAD_BYTES = 512L << 20;

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long SPARED_BYTES = 3L << 30;
  private static final int PIECE_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final long touched;
  private final long freeAtFirst;
  private final Thread cutter;
  private long held;
  private volatile boolean closed;

  /**
   * Touches memory; none where the folder lies on a disk, whose writes are not free of it anyway.
   *
   * @param folder where the measurement's data lies
   * @param bytes how much will be taken at most; less where machine or folder have not as much
   */
  public TouchedMemory(Path folder, long bytes) {
    this.file = folder.resolve("touched");
    try {
      Files.createDirectories(folder);
      this.touched = touchableBytes(Files.getFileStore(folder), bytes + AHEAD_BYTES);
      this.held = touched;
      this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
      for (long at = 0; at < held; at += PIECE_BYTES) {
        channel.write(piece.clear(), at);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.freeAtFirst = freeBytes() + touched;
    cut();
    this.cutter = Thread.ofPlatform().name("touched-memory").start(this::run);
  }

  private static long touchableBytes(FileStore volume, long wanted) throws IOException {
    if (!volume.type().equals("tmpfs")) {
      return 0;
    }
    long most = Math.min(freeBytes(), volume.getUsableSpace()) - SPARED_BYTES;
    return Math.max(0, Math.min(wanted, most));
  }

  private void run() {
    while (!closed && held > 0) {
      LockSupport.parkNanos(POLL_NANOS);
      cut();
    }
  }

  /** Gives back what was taken by others since, and what they may take next. */
  private void cut() {
    long taken = freeAtFirst - held - freeBytes();
    long left = Math.max(0, Math.min(held, touched - taken - AHEAD_BYTES));
    if (held - left < PIECE_BYTES) {
      return;
    }
    try {
      channel.truncate(left);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    held = left;
  }

  private static long freeBytes() {
    try {
      String text = Files.readString(MEMORY, StandardCharsets.US_ASCII);
      int at = text.indexOf("MemFree:") + "MemFree:".length();
      return Long.parseLong(text.substring(at, text.indexOf("kB", at)).strip()) << 10;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(cutter);
    try {
      cutter.join();
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
