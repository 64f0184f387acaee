package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.observe.FetchFailure;
import dev.millrace.origin.ResponseDecoder.Defect;
import dev.millrace.origin.ResponseDecoder.Head;
import dev.millrace.origin.ResponseDecoder.Mark;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an upstream: the last handler of its pipeline, and what the pool hands around.
 *
 * <p>Pipeline, from the socket: {@code meter} ({@link ReadMeter}), {@code tunnel} while a proxy
 * opens one, {@code tls}, {@code decoder} ({@link ResponseDecoder}), {@code connection} (this).
 *
 * <p>While an {@link Exchange} runs, everything that happens is told to it. Between two, a small
 * read watches the connection: its end, or any byte, closes it.
 *
 * <p>Threading: confined to {@link #loop}; {@link #closeSoon} and {@link #abort} may be called on
 * any.
 *
 * <p>Ownership: a slot of its pool, given back when the channel is closed.
 */
final class OriginConnection extends ChannelInboundHandlerAdapter {
  private final Channel channel;
  private final EventLoop loop;
  private final ReadMeter meter;
  private final ResponseDecoder decoder;
  private final OriginPool pool;
  private final boolean secure;
  private final LongSupplier nanos;
  private @Nullable Exchange exchange;
  private boolean used;
  private boolean reading;
  private boolean ageing;
  private boolean endedByTls;
  private long unusedSinceNanos;

  OriginConnection(
      Channel channel,
      ReadMeter meter,
      ResponseDecoder decoder,
      OriginPool pool,
      boolean secure,
      LongSupplier nanos) {
    this.channel = channel;
    this.loop = channel.eventLoop();
    this.meter = meter;
    this.decoder = decoder;
    this.pool = pool;
    this.secure = secure;
    this.nanos = nanos;
  }

  /** The loop that it lives on. */
  EventLoop loop() {
    return loop;
  }

  Channel channel() {
    return channel;
  }

  /** The tap of its socket. */
  ReadMeter meter() {
    return meter;
  }

  /** Whether it has carried an exchange before. */
  boolean isUsed() {
    return used;
  }

  /** Whether what is read is the plaintext of TLS. */
  boolean isSecure() {
    return secure;
  }

  /**
   * Whether an end of the connection may be the end of a body: in TLS the upstream has to say so by
   * {@code close_notify}, for anybody on the way can cut the connection (RFC 9112 §9.8).
   */
  boolean isEndCredible() {
    return !secure || endedByTls;
  }

  /** Whether the handlers are in the middle of handing on what one read brought. */
  boolean isReading() {
    return reading;
  }

  /** Whether a byte of the response has come. */
  boolean hasResponseBegun() {
    return decoder.hasBegun();
  }

  /** Sends a request; its exchange hears of everything from now on. Ownership: takes the head. */
  void send(Exchange next, ByteBuf head, boolean headOnly) {
    assert loop.inEventLoop();
    assert exchange == null;
    exchange = next;
    decoder.expect(headOnly);
    meter.open(Limits.ORIGIN_HEAD_READ_BYTES);
    channel
        .writeAndFlush(head)
        .addListener(written -> {
          if (!written.isSuccess()) {
            fail(written.cause());
          }
        });
    channel.read();
  }

  /** Ends the exchange. A clean connection goes back to the pool, another is closed. */
  void finish(Exchange done, boolean clean) {
    assert loop.inEventLoop();
    assert exchange == done;
    exchange = null;
    used = true;
    if (!clean || !channel.isActive()) {
      close();
      return;
    }
    unusedSinceNanos = nanos.getAsLong();
    watch();
    age();
    pool.release(this);
  }

  /** Closes the connection, whatever it does. */
  void close() {
    channel.close().addListener(closed -> meter.shut());
  }

  /** Closes an unused connection; any thread, never at once. */
  void closeSoon() {
    loop.execute(this::close);
  }

  /** Ends a running exchange because the process stops; any thread. */
  void abort() {
    loop.execute(() -> {
      Exchange running = exchange;
      if (running != null) {
        running.fail(FetchFailure.SHUTDOWN, "the upstream client is closed");
      }
      close();
    });
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = true;
    Exchange running = exchange;
    if (running == null) {
      // Nobody asked: the late rest of an old answer, or what follows a fetch that was given up.
      ReferenceCountUtil.release(message);
      close();
      return;
    }
    switch (message) {
      case ByteBuf piece -> running.piece(piece);
      case Head head -> running.head(head);
      case Mark mark -> running.mark(mark);
      case Defect defect -> running.fail(defect.reason(), defect.detail());
      default -> throw new IllegalStateException("unexpected " + message.getClass());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    Exchange running = exchange;
    if (running != null) {
      running.readComplete();
    } else if (channel.isActive()) {
      // TLS said something to itself; go on watching.
      watch();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Exchange running = exchange;
    if (running != null) {
      running.fail(FetchFailure.CLOSED_EARLY, "the upstream closed the connection");
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent ended) {
      endedByTls = ended.isSuccess();
      // Nothing can follow; an upstream that leaves the socket open would be waited for in vain.
      close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
  }

  private void fail(Throwable cause) {
    Exchange running = exchange;
    if (running == null) {
      close();
      return;
    }
    Throwable root =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    switch (root) {
      case SSLException e -> running.fail(FetchFailure.TLS, "the TLS session broke");
      case IOException e -> running.fail(FetchFailure.RESET, "the connection was reset");
      // The type alone: a message could quote what came over the wire.
      default -> running.fail(FetchFailure.INTERNAL, root.getClass().getSimpleName());
    }
  }

  private void watch() {
    meter.allow(Limits.ORIGIN_WATCH_BYTES);
    channel.read();
  }

  /** One timer for the life of the connection, instead of one for each time it is unused. */
  private void age() {
    if (!ageing) {
      ageing = true;
      ageIn(TimeUnit.SECONDS.toNanos(Limits.POOL_IDLE_SECONDS));
    }
  }

  private void ageIn(long delayNanos) {
    loop.schedule(this::checkAge, delayNanos, TimeUnit.NANOSECONDS)
        .addListener(ended -> {
          if (!ended.isSuccess()) {
            close();
          }
        });
  }

  private void checkAge() {
    if (!channel.isActive()) {
      return;
    }
    long limit = TimeUnit.SECONDS.toNanos(Limits.POOL_IDLE_SECONDS);
    long unused = exchange == null ? nanos.getAsLong() - unusedSinceNanos : 0;
    if (unused >= limit) {
      close();
    } else {
      ageIn(limit - unused);
    }
  }
}
