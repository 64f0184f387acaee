package dev.millrace.server;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;

import dev.millrace.fill.BodyBudget;
import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/**
 * Reads parts of files into buffers, off the event loops, for connections whose transport cannot be
 * given the file itself.
 *
 * <p>Limits: one part of at most {@code Limits.READ_BUFFER_BYTES} for each connection, reserved in
 * the body budget from before it is read until {@link #sent}.
 *
 * <p>Threading: thread-safe; a {@link Reader} is called on its loop.
 */
public final class FileReads {
  private final BodyBudget budget;
  private final Executor blocking;

  /** Who asked for a part. */
  interface Reader {
    /** The part is here. Ownership: passes to the reader, who calls {@link #sent} for it once. */
    void read(ByteBuf part);

    /** The part could not be read; nothing is reserved any more. */
    void failed(Throwable cause);
  }

  /** Reads on those threads, within that budget. */
  public FileReads(BodyBudget budget, Executor blocking) {
    this.budget = budget;
    this.blocking = blocking;
  }

  /**
   * Reads {@code count} bytes, at most {@code READ_BUFFER_BYTES}. Ownership: takes over one lease
   * of the file and gives it back once the part is read.
   */
  void read(EventLoop loop, OpenFile file, long position, int count, Reader reader) {
    Runnable task = () -> blocking.execute(() -> readHere(loop, file, position, count, reader));
    if (budget.reserveOrWait(READ_BUFFER_BYTES, task)) {
      task.run();
    }
  }

  /** A part has left its connection, or never will. */
  void sent() {
    budget.release(READ_BUFFER_BYTES);
  }

  private void readHere(EventLoop loop, OpenFile file, long position, int count, Reader reader) {
    ByteBuf part = null;
    try {
      part = ByteBufAllocator.DEFAULT.directBuffer(count, count);
      fill(part, file, position, count);
    } catch (IOException | RuntimeException | Error e) {
      if (part != null) {
        part.release();
      }
      sent();
      loop.execute(() -> reader.failed(e));
      return;
    } finally {
      file.release();
    }
    ByteBuf whole = part;
    loop.execute(() -> reader.read(whole));
  }

  private static void fill(ByteBuf part, OpenFile file, long position, int count)
      throws IOException {
    ByteBuffer window = part.nioBuffer(0, count);
    while (window.hasRemaining()) {
      if (file.read(window, position + window.position()) < 0) {
        throw new IOException("the file is shorter than it was");
      }
    }
    part.writerIndex(count);
  }
}
