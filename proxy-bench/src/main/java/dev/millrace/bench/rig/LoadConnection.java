package dev.millrace.bench.rig;

import dev.millrace.bench.rig.LoadResult.Fetch;
import dev.millrace.bench.rig.LoadResult.Times;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a load: asks, throws the answer away, asks again.
 *
 * <p>Threading: confined to the loop of the load.
 */
final class LoadConnection extends ChannelInboundHandlerAdapter {
  private static final int TICK_MILLIS = 50;
  private static final long TICKS_PER_SECOND = 1000 / TICK_MILLIS;

  private final LoadRun run;
  private final LoadRun.Part part;
  private final int index;
  private final ReusedBuffer reads;
  private final ResponseScanner answer = new ResponseScanner();
  private @Nullable ChannelHandlerContext context;
  private boolean asking;
  private boolean finished;
  private int asked;
  private long sentNanos;
  private long firstByteNanos;
  private long allowance;

  LoadConnection(LoadRun run, LoadRun.Part part, int index, ReusedBuffer reads) {
    this.run = run;
    this.part = part;
    this.index = index;
    this.reads = reads;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** What its channel reads into. */
  ReusedBuffer reads() {
    return reads;
  }

  /** Sends the first request. */
  void begin() {
    if (isSlow()) {
      refill();
    }
    next();
  }

  private boolean isSlow() {
    return part.group().manner().bytesPerSecond() > 0;
  }

  private boolean hasEnough() {
    long enough = part.group().manner().enoughBytes();
    return enough > 0 && answer.bodyBytes() >= enough;
  }

  private void next() {
    ChannelHandlerContext ctx = context;
    ByteBuf request = finished || ctx == null ? null : part.nextRequest(index, asked);
    if (request == null || ctx == null) {
      finish();
      return;
    }
    asked++;
    answer.reset();
    asking = true;
    firstByteNanos = -1;
    sentNanos = System.nanoTime();
    ctx.writeAndFlush(request.retainedDuplicate())
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf received = (ByteBuf) message;
    try {
      take(ctx, received);
    } finally {
      received.release();
    }
  }

  private void take(ChannelHandlerContext ctx, ByteBuf received) {
    if (isSlow()) {
      spend(ctx, received.readableBytes());
    }
    if (!asking) {
      return;
    }
    answer.feed(received);
    if (firstByteNanos < 0 && answer.bodyBytes() > 0) {
      firstByteNanos = System.nanoTime() - sentNanos;
    }
    if (answer.isDone()) {
      ended(true);
      next();
    } else if (hasEnough()) {
      ended(true);
      finish();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (asking) {
      ended(answer.endsByClose());
    }
    if (finished || !part.hasMore(index, asked)) {
      finish();
    } else {
      finished = true;
      run.reconnect(part, index, asked);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // What the peer did to the answer shows in its tally.
    ctx.close().addListener(ChannelFutureListener.CLOSE);
  }

  /** Takes over from a connection that its peer closed. */
  void resume(int before) {
    asked = before;
    begin();
  }

  /** Ends now, whatever is under way. */
  void cutOff() {
    if (asking) {
      ended(false);
    }
    finish();
  }

  private void ended(boolean complete) {
    asking = false;
    long now = System.nanoTime();
    run.tally()
        .add(
            new Fetch(
                part.group().name(),
                answer.status(),
                answer.bodyBytes(),
                sentNanos - run.startNanos(),
                new Times(firstByteNanos, now - sentNanos),
                complete),
            now);
  }

  private void finish() {
    if (!finished) {
      finished = true;
      ChannelHandlerContext ctx = context;
      if (ctx != null) {
        ctx.close().addListener(ChannelFutureListener.CLOSE);
      }
      run.finished();
    }
  }

  private void refill() {
    ChannelHandlerContext ctx = context;
    if (finished || ctx == null) {
      return;
    }
    long most = Math.max(1, part.group().manner().bytesPerSecond() / TICKS_PER_SECOND);
    allowance = Math.min(2 * most, allowance + most);
    if (allowance > 0) {
      reads.limit((int) Math.min(Integer.MAX_VALUE, allowance));
      ctx.channel().config().setAutoRead(true);
    }
    var later = ctx.executor().schedule(this::refill, TICK_MILLIS, TimeUnit.MILLISECONDS);
    assert !later.isCancelled();
  }

  private void spend(ChannelHandlerContext ctx, int bytes) {
    allowance -= bytes;
    if (allowance <= 0) {
      ctx.channel().config().setAutoRead(false);
    } else {
      reads.limit((int) Math.min(Integer.MAX_VALUE, allowance));
    }
  }
}
