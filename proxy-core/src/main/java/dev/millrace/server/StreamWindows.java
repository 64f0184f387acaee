package dev.millrace.server;

import static dev.millrace.config.Limits.STREAM_PARTS_MAX;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which streams of one connection may have a part of a file in memory: those whose client has room
 * in its windows (RFC 9113 §5.2), a few at a time, in the order in which they asked.
 *
 * <p>Limits: {@code Limits.STREAM_PARTS_MAX} parts for one connection, however many its streams.
 *
 * <p>Threading: confined to the connection's loop.
 */
final class StreamWindows implements Http2RemoteFlowController.Listener {
  private final Http2Connection connection;
  private final Queue<Waiter> waiting = new ArrayDeque<>();
  private int parts;
  private boolean serving;

  private record Waiter(Http2StreamChannel channel, Runnable go, Consumer<Throwable> failed) {}

  StreamWindows(Http2Connection connection) {
    this.connection = connection;
    connection.remote().flowController().listener(this);
  }

  /**
   * Calls {@code go} once: when the stream may have a part, or when it has ended. Either way it has
   * a place then, and gives it back by {@link #leave}.
   *
   * @param failed hears of a fault of {@code go}, whose place is free again
   */
  void await(Channel stream, Runnable go, Consumer<Throwable> failed) {
    waiting.add(new Waiter((Http2StreamChannel) stream, go, failed));
    serve();
  }

  /** A part has left, or was not needed. */
  void leave() {
    parts--;
    serve();
  }

  @Override
  public void writabilityChanged(Http2Stream stream) {
    serve();
  }

  /** Lets go who may: some client has made room, or a stream has ended. */
  void serve() {
    if (serving) {
      // By one that goes: the walk below comes to whoever may go now.
      return;
    }
    serving = true;
    try {
      boolean went = true;
      while (went) {
        Waiter next = next();
        went = next != null;
        if (next != null) {
          parts++;
          go(next);
        }
      }
    } finally {
      serving = false;
    }
  }

  /** One waiter's fault is not the others'. */
  private void go(Waiter waiter) {
    try {
      waiter.go().run();
    } catch (RuntimeException | Error e) {
      parts--;
      waiter.failed().accept(e);
    }
  }

  private @Nullable Waiter next() {
    for (Iterator<Waiter> each = waiting.iterator(); each.hasNext(); ) {
      Waiter waiter = each.next();
      Http2Stream stream = streamOf(waiter.channel());
      if (stream == null
          || !waiter.channel().isActive()
          || (parts < STREAM_PARTS_MAX && hasRoom(stream))) {
        each.remove();
        return waiter;
      }
    }
    return null;
  }

  private boolean hasRoom(Http2Stream stream) {
    return connection.remote().flowController().isWritable(stream);
  }

  /** Whether the client can take anything of that stream now. */
  boolean hasRoom(Channel channel) {
    Http2Stream stream = streamOf(channel);
    return stream != null && hasRoom(stream);
  }

  /** How much the client can take of that stream now; 0 when it has ended. */
  long room(Channel channel) {
    Http2Stream stream = streamOf(channel);
    if (stream == null) {
      return 0;
    }
    Http2RemoteFlowController flow = connection.remote().flowController();
    return Math.min(flow.windowSize(stream), flow.windowSize(connection.connectionStream()));
  }

  private @Nullable Http2Stream streamOf(Channel channel) {
    return connection.stream(((Http2StreamChannel) channel).stream().id());
  }
}
