package dev.millrace.observe;

import dev.millrace.config.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each request, written by a thread of its own.
 *
 * <p>Limits: {@link Limits#REQUEST_LOG_QUEUE} lines wait at most; a further one is dropped and
 * counted, since a slow disk or terminal must not slow an answer.
 *
 * <p>Threading: {@link #offer} is for any thread and never waits for I/O; writing happens on a
 * daemon thread of the log.
 *
 * <p>Ownership: owns its file, but neither standard output nor standard error.
 *
 * <p>Errors: lines that cannot be written are counted; the first failure of a row is logged.
 */
public final class RequestLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

  private final BlockingQueue<RequestLine> queue;
  private final LongAdder dropped = new LongAdder();
  private final RequestLineWriter writer = new RequestLineWriter();
  private final OutputStream out;
  private final boolean ownsOut;
  private final ReentrantLock writing = new ReentrantLock();
  private final @Nullable Thread thread;
  private volatile boolean closed;

  private RequestLog(OutputStream out, boolean ownsOut, int queueMax, boolean enabled) {
    this.out = out;
    this.ownsOut = ownsOut;
    this.queue = new ArrayBlockingQueue<>(queueMax);
    this.thread =
        enabled ? Thread.ofPlatform().name("request-log").daemon(true).unstarted(this::run) : null;
  }

  /**
   * Opens the log.
   *
   * @param destination {@code stdout}, {@code stderr}, {@code off}, or a file that is appended to
   * @param stdout standard output, never closed
   * @param stderr standard error, never closed
   * @throws IOException when the file cannot be opened
   */
  public static RequestLog open(String destination, PrintStream stdout, PrintStream stderr)
      throws IOException {
    return switch (destination) {
      case "off" -> new RequestLog(OutputStream.nullOutputStream(), true, 1, false);
      case "stdout" -> started(new PrintingStream(stdout), false);
      case "stderr" -> started(new PrintingStream(stderr), false);
      default ->
          started(
              Files.newOutputStream(
                  Path.of(destination), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
              true);
    };
  }

  private static RequestLog started(OutputStream out, boolean ownsOut) {
    return started(new RequestLog(out, ownsOut, Limits.REQUEST_LOG_QUEUE, true));
  }

  /** A log into a stream that it closes at its end, with room for so many lines. */
  static RequestLog to(OutputStream out, int queueMax) {
    return started(new RequestLog(out, true, queueMax, true));
  }

  private static RequestLog started(RequestLog log) {
    // Not in the constructor: the thread must see a finished object.
    if (log.thread != null) {
      log.thread.start();
    }
    return log;
  }

  /** Whether lines go anywhere; when not, there is no need to make one. */
  public boolean isEnabled() {
    return thread != null;
  }

  /** Hands a line over; dropped and counted when the queue is full or the log is closed. */
  public void offer(RequestLine line) {
    if (thread == null) {
      return;
    }
    if (closed || !queue.offer(line)) {
      dropped.increment();
    }
  }

  /** Lines that were not written. */
  public long droppedLines() {
    return dropped.sum();
  }

  /**
   * Writes what waits and ends.
   *
   * <p>Limits: waits {@link Limits#REQUEST_LOG_CLOSE}; lines that are left then are counted as
   * dropped.
   */
  @Override
  public void close() {
    if (thread == null || closed) {
      return;
    }
    closed = true;
    // Who is writing, perhaps to a terminal that takes nothing, sees closed by itself afterwards.
    if (writing.tryLock()) {
      try {
        thread.interrupt();
      } finally {
        writing.unlock();
      }
    }
    try {
      if (!thread.join(Limits.REQUEST_LOG_CLOSE)) {
        LOG.warn("the request log did not end within {}", Limits.REQUEST_LOG_CLOSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    dropped.add(queue.size());
  }

  private void run() {
    List<RequestLine> lines = new ArrayList<>(Limits.REQUEST_LOG_BATCH);
    ByteArrayOutputStream text = new ByteArrayOutputStream(64 << 10);
    boolean failing = false;
    while (take(lines)) {
      for (RequestLine line : lines) {
        append(line, text);
      }
      failing = write(text, lines.size(), failing);
      boolean more = lines.size() == Limits.REQUEST_LOG_BATCH;
      lines.clear();
      text.reset();
      if (!more && !closed) {
        // Nobody waits for a line: waking this thread for each one costs the loops more than the
        // line. Ends early when the log is closed, by its interrupt.
        LockSupport.parkNanos(Limits.REQUEST_LOG_GATHER.toNanos());
      }
    }
    closeOut();
  }

  /** Waits for lines and takes a batch; false once the log is closed and nothing is left. */
  private boolean take(List<RequestLine> lines) {
    if (!closed) {
      try {
        lines.add(queue.take());
      } catch (InterruptedException e) {
        // Only close() interrupts this thread: what is left is taken below.
        assert closed;
      }
    }
    queue.drainTo(lines, Limits.REQUEST_LOG_BATCH - lines.size());
    return !lines.isEmpty() || !closed;
  }

  private void append(RequestLine line, ByteArrayOutputStream text) {
    try {
      writer.append(line, text);
    } catch (RuntimeException e) {
      // The log must outlive any line.
      dropped.increment();
      LOG.debug("a line of the request log could not be made", e);
    }
  }

  private boolean write(ByteArrayOutputStream text, int lines, boolean failing) {
    try {
      writing.lock();
      try {
        // An interrupt would close the file's channel under the last lines. Only close()
        // interrupts,
        // never while we hold this lock; one that came before has done its work.
        boolean ending = Thread.interrupted();
        assert !ending || closed;
        text.writeTo(out);
        out.flush();
      } finally {
        writing.unlock();
      }
      return false;
    } catch (IOException e) {
      dropped.add(lines);
      if (!failing) {
        LOG.warn("the request log cannot be written, lines are dropped: {}", e.getMessage());
      }
      return true;
    }
  }

  private void closeOut() {
    if (!ownsOut) {
      return;
    }
    try {
      out.close();
    } catch (IOException e) {
      LOG.warn("the request log could not be closed: {}", e.getMessage());
    }
  }

  /** Makes an error of what a {@link PrintStream} only remembers. */
  private static final class PrintingStream extends OutputStream {
    private final PrintStream out;

    PrintingStream(PrintStream out) {
      this.out = out;
    }

    @Override
    public void write(int oneByte) {
      out.write(oneByte);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      out.write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
      if (out.checkError()) {
        throw new IOException("standard output or standard error is closed");
      }
    }
  }
}
