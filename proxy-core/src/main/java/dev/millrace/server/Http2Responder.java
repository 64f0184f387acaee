package dev.millrace.server;

import static dev.millrace.config.Limits.READ_BUFFER_BYTES;
import static dev.millrace.config.Limits.STREAM_PART_BYTES_MIN;

import dev.millrace.serve.Responder;
import dev.millrace.serve.ResponseHead;
import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 response, on a stream of its own (RFC 9113 §8.1).
 *
 * <p>What cannot be completed ends by {@code RST_STREAM}, so that it never looks whole; the other
 * streams of the connection go on.
 *
 * <p>Limits: a part of a file is read only while the client has room for it in its window and the
 * connection has a place for the part, see {@link StreamWindows}: a stream that is not read costs
 * no memory but its own.
 *
 * <p>Threading: confined to the connection's loop.
 *
 * <p>Ownership: buffers pass to the channel.
 */
final class Http2Responder implements Responder {
  private final ChannelHandlerContext ctx;
  private final DecodedHead.Request request;
  private final Listener listener;
  private final FileReads reads;
  private final int partBytes;
  private final ResponseState state = new ResponseState();
  private final BodyProgress progress = new BodyProgress();
  private @Nullable Http2Headers unsentHead;

  /** The stream that the response belongs to. */
  interface Listener {
    /** The value of {@code Date} now. */
    String date();

    /** Where parts of files wait until the client has room for them. */
    StreamWindows windows();

    /** The answer is whole and written. */
    void answered();

    /** A step of the answer failed by a fault of our own; the stream is being reset. */
    void responseFailed(Throwable cause);
  }

  Http2Responder(
      ChannelHandlerContext ctx,
      DecodedHead.Request request,
      Listener listener,
      FileReads reads,
      int partBytes) {
    this.ctx = ctx;
    this.request = request;
    this.listener = listener;
    this.reads = reads;
    this.partBytes = partBytes;
  }

  @Override
  public EventLoop loop() {
    return ctx.channel().eventLoop();
  }

  @Override
  public void run(Runnable step) {
    assert loop().inEventLoop();
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      listener.responseFailed(e);
      fail();
    }
  }

  @Override
  public void head(ResponseHead head) {
    assert loop().inEventLoop();
    state.begin(request.method(), head);
    Http2Headers out = new DefaultHttp2Headers(false);
    out.status(Integer.toString(head.status()));
    out.add("date", listener.date());
    for (int i = 0; i < head.fieldCount(); i++) {
      out.add(head.name(i).toLowerCase(Locale.ROOT), head.value(i));
    }
    switch (head.length()) {
      case ResponseHead.Length.Known(long bytes) -> {
        if (head.status() != 204) {
          // RFC 9110 §8.6: none may stand there.
          out.add("content-length", Long.toString(bytes));
        }
      }
      case ResponseHead.Length.None(),
          ResponseHead.Length.Unknown(),
          ResponseHead.Length.Uncertain() -> {
        // The stream's end tells.
      }
    }
    unsentHead = out;
  }

  private void sendHead(boolean ends) {
    Http2Headers head = unsentHead;
    if (head != null) {
      unsentHead = null;
      ctx.write(new DefaultHttp2HeadersFrame(head, ends))
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
  }

  @Override
  public void file(OpenFile file, long position, long count, Runnable sent) {
    assert loop().inEventLoop() && state.takesBody();
    if (!state.owes(count)) {
      fail();
      return;
    }
    // The client may make room only when it has seen the head.
    flush();
    new Stretch(file, position, count, sent).next();
  }

  @Override
  public void bytes(ByteBuf piece, Runnable sent) {
    assert loop().inEventLoop() && state.takesBody();
    int count = piece.readableBytes();
    if (!state.owes(count)) {
      piece.release();
      fail();
      return;
    }
    write(piece, sent, Http2Responder::nothing);
    ctx.flush();
  }

  /**
   * Writes one piece of the body; {@code gone} runs once when the channel has let it go, sent or
   * not, {@code sent} after it if it was sent.
   */
  private void write(ByteBuf piece, Runnable sent, Runnable gone) {
    int count = piece.readableBytes();
    progress.began(now());
    state.handedOver(count);
    sendHead(false);
    ctx.write(new DefaultHttp2DataFrame(piece, false))
        .addListener(done -> {
          gone.run();
          if (!done.isSuccess()) {
            progress.stop();
            fail();
            return;
          }
          progress.sent(count);
          if (state.isOpen()) {
            run(sent);
          }
          progress.settle();
        });
  }

  @Override
  public void flush() {
    sendHead(false);
    ctx.flush();
  }

  @Override
  public void end() {
    assert loop().inEventLoop() && state.isOpen();
    if (state.isShort()) {
      fail();
      return;
    }
    state.end();
    if (unsentHead == null) {
      ctx.write(new DefaultHttp2DataFrame(true))
          .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
    sendHead(true);
    ctx.flush();
    listener.answered();
  }

  @Override
  public void abort() {
    assert loop().inEventLoop();
    if (!state.isOver()) {
      state.end();
      reset();
    }
  }

  /** The client is too slow, or what was sent must not pass for a whole answer. */
  void fail() {
    reset();
    gone();
  }

  /** By a code that Netty does not take for the answer to an attack, which ends the connection. */
  private void reset() {
    if (ctx.channel().isActive()) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public boolean isOver() {
    return state.isOver();
  }

  @Override
  public void whenGone(Runnable gone) {
    state.whenGone(gone);
  }

  @Override
  public long bodyBytesSent() {
    return progress.sentBytes();
  }

  /** What of the body is handed over. */
  BodyProgress progress() {
    return progress;
  }

  /** The stream is gone: tells who asked. */
  void gone() {
    state.gone();
  }

  private static void nothing() {}

  private long now() {
    return loop().ticker().nanoTime();
  }

  /** A stretch of a file on its way, part by part. */
  private final class Stretch implements FileReads.Reader {
    private final OpenFile file;
    private final Runnable sent;
    private long position;
    private long left;
    private boolean waits;

    Stretch(OpenFile file, long position, long count, Runnable sent) {
      this.file = file;
      this.position = position;
      this.left = count;
      this.sent = sent;
    }

    void next() {
      // Who only waits for a place waits for others, and that is not the client's slowness.
      waits = !listener.windows().hasRoom(ctx.channel());
      if (waits) {
        progress.began(now());
      }
      listener.windows().await(ctx.channel(), this::read, this::failed);
    }

    /** The client has room and the connection a place for a part, or the stream has ended. */
    private void read() {
      if (waits) {
        waits = false;
        progress.sent(0);
        progress.settle();
      }
      if (!state.isOpen() || !ctx.channel().isActive()) {
        listener.windows().leave();
        return;
      }
      if (!file.tryRetain()) {
        throw new IllegalStateException("the caller holds no lease");
      }
      // No more than the client has room for: what is in memory can leave.
      long room = Math.max(STREAM_PART_BYTES_MIN, listener.windows().room(ctx.channel()));
      int count = (int) Math.min(Math.min(left, READ_BUFFER_BYTES), room);
      reads.read(loop(), file, position, count, this);
    }

    @Override
    public void read(ByteBuf bytes) {
      if (!state.isOpen()) {
        bytes.release();
        left();
        return;
      }
      position += bytes.readableBytes();
      left -= bytes.readableBytes();
      while (bytes.readableBytes() > partBytes) {
        write(bytes.readRetainedSlice(partBytes), Http2Responder::nothing, Http2Responder::nothing);
      }
      write(bytes, left > 0 ? this::next : sent, this::left);
      ctx.flush();
    }

    private void left() {
      reads.sent();
      listener.windows().leave();
    }

    @Override
    public void failed(Throwable cause) {
      listener.windows().leave();
      listener.responseFailed(cause);
      fail();
    }
  }
}
