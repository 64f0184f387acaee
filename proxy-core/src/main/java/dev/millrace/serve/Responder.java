package dev.millrace.serve;

import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/**
 * Writes one response. Used once: {@link #head}, then body pieces one after the other, then exactly
 * one of {@link #end} and {@link #abort}.
 *
 * <p>An interface because each protocol version implements it, and because floors below the doors
 * use it.
 *
 * <p>Threading: confined to {@link #loop}.
 *
 * <p>Errors: a failed write ends the response; {@link #whenGone} tells, and no {@code sent} is
 * called.
 */
public interface Responder {
  /** The client's event loop. */
  EventLoop loop();

  /**
   * Runs a step of the answer now. Threading: on the loop. Errors: a fault in the step is told to
   * the connection and breaks the answer visibly; without that the client would wait for ever.
   */
  void run(Runnable step);

  /** {@link #run}s a step of the answer on the loop. Threading: from any thread. */
  default void execute(Runnable step) {
    loop().execute(() -> run(step));
  }

  /** Writes the head; it leaves with the first piece of the body or with the end. */
  void head(ResponseHead head);

  /**
   * Sends a part of a file. Ownership: takes a lease of its own for as long as it needs it.
   *
   * @param sent runs on the loop when all of it is in the socket; only then comes the next piece
   */
  void file(OpenFile file, long position, long count, Runnable sent);

  /**
   * Sends bytes. Ownership: takes the buffer over in all cases.
   *
   * @param sent runs on the loop when all of it is in the socket
   */
  void bytes(ByteBuf piece, Runnable sent);

  /** Sends what is written so far: nothing more is at hand for a while. */
  void flush();

  /** Ends the response cleanly. */
  void end();

  /** Ends the response so that it cannot be taken for complete. */
  void abort();

  /** Whether it ended, was aborted, or its client is gone. */
  boolean isOver();

  /** Runs once on the loop if the client leaves, or a write fails, before the end. */
  void whenGone(Runnable gone);

  /** Body bytes handed to the socket so far. */
  long bodyBytesSent();
}
