package dev.millrace.server;

import static dev.millrace.config.Limits.CORK_BYTES_MIN;
import static dev.millrace.config.Limits.READ_BUFFER_BYTES;

import dev.millrace.serve.Responder;
import dev.millrace.serve.ResponseHead;
import dev.millrace.storage.OpenFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 response.
 *
 * <p>Framing (RFC 9112 §6): {@code Content-Length} where the length is known; else chunks for a
 * client that reads them; else, and where the end is uncertain, the end of the connection.
 *
 * <p>Threading: confined to the connection's loop.
 *
 * <p>Ownership: each region holds its own lease of the file; buffers pass to the channel.
 */
final class Http1Responder implements Responder {
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ChannelHandlerContext ctx;
  private final DecodedHead.Request request;
  private final Listener listener;
  private final FileDelivery delivery;
  private final ResponseState state = new ResponseState();
  private final BodyProgress progress = new BodyProgress();
  private boolean keepAlive;
  private boolean chunked;
  private boolean corked;

  private @Nullable FileRegion inFlight;

  /** The connection that the response belongs to. */
  interface Listener {
    /** Whether the connection must end after this response. */
    boolean isClosing();

    /** The value of {@code Date} now. */
    String date();

    /** The response ended cleanly and everything is written. */
    void responseEnded(boolean keepAlive);

    /** A step of the answer failed by a fault of our own; the connection is being reset. */
    void responseFailed(Throwable cause);
  }

  Http1Responder(
      ChannelHandlerContext ctx,
      DecodedHead.Request request,
      Listener listener,
      FileDelivery delivery) {
    this.delivery = delivery;
    this.ctx = ctx;
    this.request = request;
    this.listener = listener;
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
    keepAlive = request.keepAlive() && !request.hasBody() && !listener.isClosing();
    HeadText out = new HeadText();
    out.statusLine(head.status());
    out.field("Date", listener.date());
    for (int i = 0; i < head.fieldCount(); i++) {
      out.field(head.name(i), head.value(i));
    }
    frame(out, head);
    if (!keepAlive) {
      out.field("Connection", "close");
    }
    write(out.encode(ctx.alloc()));
  }

  private void frame(HeadText out, ResponseHead head) {
    if (head.status() == 204) {
      // No framing field may stand there (RFC 9110 §8.6, RFC 9112 §6.1).
      return;
    }
    switch (head.length()) {
      case ResponseHead.Length.None() -> {
        if (!state.isBodyless()) {
          out.field("Content-Length", "0");
        }
      }
      case ResponseHead.Length.Known(long bytes) ->
          out.field("Content-Length", Long.toString(bytes));
      case ResponseHead.Length.Unknown() -> {
        if (request.chunkable()) {
          chunked = !state.isBodyless();
          out.field("Transfer-Encoding", "chunked");
        } else {
          keepAlive &= state.isBodyless();
        }
      }
      case ResponseHead.Length.Uncertain() -> keepAlive &= state.isBodyless();
    }
  }

  @Override
  public void file(OpenFile file, long position, long count, Runnable sent) {
    assert loop().inEventLoop() && state.takesBody();
    if (!state.owes(count)) {
      fail();
      return;
    }
    cork(count >= CORK_BYTES_MIN);
    FileReads reads = delivery.reads();
    if (reads != null) {
      readAndSend(reads, file, position, count, sent);
      return;
    }
    beginChunk(count);
    FileRegion region = file.region(position, count);
    inFlight = region;
    send(region, count, sent, Http1Responder::nothing);
  }

  /** The same through buffers, one after the other. */
  private void readAndSend(
      FileReads from, OpenFile file, long position, long count, Runnable sent) {
    if (!file.tryRetain()) {
      throw new IllegalStateException("the caller holds no lease");
    }
    int part = (int) Math.min(count, READ_BUFFER_BYTES);
    from.read(
        loop(),
        file,
        position,
        part,
        new FileReads.Reader() {
          @Override
          public void read(ByteBuf bytes) {
            if (!state.isOpen()) {
              bytes.release();
              from.sent();
              return;
            }
            Runnable next =
                part == count
                    ? sent
                    : () -> readAndSend(from, file, position + part, count - part, sent);
            beginChunk(part);
            while (bytes.readableBytes() > delivery.partBytes()) {
              int slice = delivery.partBytes();
              write(
                  bytes.readRetainedSlice(slice),
                  slice,
                  Http1Responder::nothing,
                  Http1Responder::nothing);
            }
            write(bytes, bytes.readableBytes(), next, from::sent);
            endChunk(part);
          }

          @Override
          public void failed(Throwable cause) {
            listener.responseFailed(cause);
            fail();
          }
        });
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
    beginChunk(count);
    send(piece, count, sent, Http1Responder::nothing);
  }

  /**
   * Sends one piece of the body and its end of chunk; {@code gone} runs once when the channel has
   * let the piece go, sent or not, {@code sent} after it if it was sent.
   */
  private void send(Object piece, long count, Runnable sent, Runnable gone) {
    write(piece, count, sent, gone);
    endChunk(count);
  }

  private void write(Object piece, long count, Runnable sent, Runnable gone) {
    progress.began(loop().ticker().nanoTime());
    state.handedOver(count);
    ctx.write(piece)
        .addListener(done -> {
          inFlight = null;
          gone.run();
          if (!done.isSuccess()) {
            // Not a plain close: where the end of the connection ends the body it would look whole.
            progress.stop();
            Aborts.reset(ctx.channel());
            return;
          }
          progress.sent(count);
          if (state.isOpen()) {
            run(sent);
          }
          // Still busy if the next piece is on its way already.
          progress.settle();
        });
  }

  private void endChunk(long count) {
    if (chunked && count > 0) {
      write(Unpooled.wrappedBuffer(CRLF));
    }
    ctx.flush();
  }

  /** An empty piece is no chunk: it would be the last one. */
  private void beginChunk(long count) {
    if (chunked && count > 0) {
      write(chunkHead(count));
    }
  }

  @Override
  public void flush() {
    ctx.flush();
    cork(false);
  }

  /**
   * Holds segments back until they are full, which halves the kernel's work for a large part of a
   * file. Never for longer than that part: held back at the end of a body, the last segment would
   * wait for a timer of the kernel (200 ms).
   */
  private void cork(boolean wanted) {
    ChannelOption<Boolean> option = delivery.cork();
    if (option != null && corked != wanted) {
      corked = wanted;
      ctx.channel().config().setOption(option, wanted);
    }
  }

  @Override
  public void end() {
    assert loop().inEventLoop() && state.isOpen();
    if (state.isShort()) {
      fail();
      return;
    }
    state.end();
    if (chunked) {
      write(Unpooled.wrappedBuffer(LAST_CHUNK));
    }
    flush();
    listener.responseEnded(keepAlive);
  }

  @Override
  public void abort() {
    assert loop().inEventLoop();
    if (!state.isOver()) {
      state.end();
      Aborts.reset(ctx.channel());
    }
  }

  /** The body does not fit its declared length: what was sent must not pass for a whole answer. */
  private void fail() {
    Aborts.reset(ctx.channel());
    gone();
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
    FileRegion region = inFlight;
    long sent = progress.sentBytes();
    return region == null ? sent : sent + region.transferred();
  }

  /** What of the body is handed over. */
  BodyProgress progress() {
    return progress;
  }

  /** The connection is gone: tells who asked. */
  void gone() {
    state.gone();
  }

  private void write(ByteBuf out) {
    ctx.write(out).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  private static void nothing() {}

  private ByteBuf chunkHead(long count) {
    String size = Long.toHexString(count);
    ByteBuf out = ctx.alloc().directBuffer(size.length() + 2);
    ByteBufUtil.writeAscii(out, size);
    return out.writeBytes(CRLF);
  }
}
