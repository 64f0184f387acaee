package dev.millrace.server;

import static dev.millrace.config.Limits.PIPELINED_REQUESTS_MAX;

import dev.millrace.config.ServerLimits;
import dev.millrace.exchange.Exchanges;
import dev.millrace.observe.Refusal;
import dev.millrace.serve.ClientRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: answers its requests in order, one at a time, and watches its waits.
 *
 * <pre>
 * IDLE ──► READING ──► ANSWERING ──► IDLE | LINGERING | closed
 * </pre>
 *
 * <p>Limits: {@code PIPELINED_REQUESTS_MAX} heads wait while an answer runs, then reading stops;
 * each state has its timeout in {@link ServerLimits}.
 *
 * <p>Threading: confined to its loop; {@link #drain} hops.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter
    implements Http1Responder.Listener {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private enum State {
    /** Between two requests. */
    IDLE,
    /** A head has begun. */
    READING,
    /** A response runs. */
    ANSWERING,
    /** The last answer is out; what the client still sends is thrown away until it closes. */
    LINGERING
  }

  private final Exchanges exchanges;
  private final ServerLimits limits;
  private final DateField date;
  private final FileDelivery delivery;
  private final RequestDecoder decoder;
  private final ClientPace pace;
  private final ArrayDeque<DecodedHead> waiting = new ArrayDeque<>();
  private State state = State.IDLE;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Http1Responder responder;
  private boolean closing;
  private boolean answering;
  private @Nullable Future<?> pendingCheck;
  private long checkNanos;
  private long dueNanos;

  ClientConnection(
      Exchanges exchanges, ServerLimits limits, DateField date, FileDelivery delivery) {
    this.delivery = delivery;
    this.exchanges = exchanges;
    this.limits = limits;
    this.date = date;
    this.pace = new ClientPace(limits);
    this.decoder = new RequestDecoder(limits, this::headBegan, this::isFull);
  }

  /** The handler in front of this one. */
  RequestDecoder decoder() {
    return decoder;
  }

  private boolean isFull() {
    return waiting.size() >= PIPELINED_REQUESTS_MAX;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    become(State.IDLE);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof DecodedHead head)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (state == State.LINGERING) {
      return;
    }
    waiting.add(head);
    if (isFull()) {
      ctx.channel().config().setAutoRead(false);
    }
    answerWaiting();
  }

  /** The first bytes of a head came. */
  private void headBegan() {
    if (state == State.IDLE) {
      become(State.READING);
    }
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public String date() {
    return date.now();
  }

  @Override
  public void responseEnded(boolean keepAlive) {
    responder = null;
    if (!keepAlive || closing) {
      linger();
      return;
    }
    become(State.IDLE);
    if (!answering) {
      // Not from inside answerWaiting: it goes on with the next head by itself.
      answerWaiting();
    }
  }

  @Override
  public void responseFailed(Throwable cause) {
    exceptionCaught(ctx(), cause);
  }

  /** Answers what waits, one after the other, without recursion when answers end at once. */
  private void answerWaiting() {
    if (answering) {
      return;
    }
    answering = true;
    try {
      while (mayAnswer()) {
        answer(waiting.poll());
      }
    } catch (RuntimeException | Error e) {
      // Also reached from a write's listener, where nobody else would end the connection.
      exceptionCaught(ctx(), e);
    } finally {
      answering = false;
    }
    if (waiting.isEmpty()) {
      decoder.resume();
    }
    ChannelHandlerContext ctx = ctx();
    if (waiting.isEmpty() && !ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  /**
   * Whether the next answer may begin. Not while the client leaves the last ones in our buffers:
   * answers without a body end without waiting for it, and a client that only asks would fill the
   * memory with heads.
   */
  private boolean mayAnswer() {
    return state != State.ANSWERING
        && state != State.LINGERING
        && !waiting.isEmpty()
        && ctx().channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    answerWaiting();
    ctx.fireChannelWritabilityChanged();
  }

  private void answer(DecodedHead head) {
    become(State.ANSWERING);
    switch (head) {
      case DecodedHead.Request request -> {
        Http1Responder opened = new Http1Responder(ctx(), request, this, delivery);
        responder = opened;
        exchanges.begin(clientRequest(request), opened, request.hasBody());
      }
      case DecodedHead.Refused(Refusal refusal) -> {
        closing = true;
        DecodedHead.Request unread = Refusals.unreadable();
        Http1Responder opened = new Http1Responder(ctx(), unread, this, delivery);
        responder = opened;
        exchanges.refuse(clientRequest(unread), opened, refusal);
      }
    }
  }

  private ClientRequest clientRequest(DecodedHead.Request request) {
    return new ClientRequest(
        request.method(),
        request.target(),
        request.headers(),
        address(),
        ctx().pipeline().get(SslHandler.class) != null,
        now());
  }

  private String address() {
    SocketAddress peer = ctx().channel().remoteAddress();
    return peer instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "unknown";
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    cancelCheck();
    waiting.clear();
    Http1Responder running = responder;
    responder = null;
    if (running != null) {
      running.gone();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    exchanges.connectionFailed(cause);
    Aborts.reset(ctx.channel());
  }

  /** Ends the connection as soon as no answer runs; from any thread. */
  void drain(Channel channel) {
    channel
        .eventLoop()
        .execute(() -> {
          closing = true;
          if (state == State.IDLE || state == State.READING) {
            channel.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
          }
        });
  }

  /**
   * Closes our side after the answer and waits for the client's, so that a reset over unread bytes
   * does not take the answer from it (RFC 9112 §9.6).
   */
  private void linger() {
    become(State.LINGERING);
    waiting.clear();
    ChannelHandlerContext ctx = ctx();
    ctx.channel().config().setAutoRead(true);
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    ChannelFuture said =
        tls == null ? ctx.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
    said.addListener(written -> {
      if (ctx.channel() instanceof DuplexChannel duplex && written.isSuccess()) {
        duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      } else {
        ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      }
    });
  }

  private void become(State next) {
    state = next;
    dueNanos = next == State.ANSWERING ? pace.begin(now()) : now() + limitNanos(next);
    checkBy(dueNanos);
  }

  /**
   * Sees to it that {@link #check} runs at that time or before; a later pending check is taken
   * back.
   */
  private void checkBy(long deadlineNanos) {
    ChannelHandlerContext ctx = ctx();
    if (!ctx.channel().isOpen() || (pendingCheck != null && checkNanos - deadlineNanos <= 0)) {
      return;
    }
    cancelCheck();
    checkNanos = deadlineNanos;
    Future<?> scheduled =
        ctx.executor()
            .schedule(() -> check(), Math.max(0, deadlineNanos - now()), TimeUnit.NANOSECONDS);
    pendingCheck = scheduled;
    scheduled.addListener(task -> {
      if (!task.isSuccess() && !task.isCancelled()) {
        exceptionCaught(ctx, task.cause());
      }
    });
  }

  /** Takes a check back, so that a closed connection is not kept until its time is over. */
  private void cancelCheck() {
    Future<?> pending = pendingCheck;
    pendingCheck = null;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  /** Looks whether the state's time is over; runs as long as the connection is open. */
  private void check() {
    ChannelHandlerContext ctx = ctx();
    pendingCheck = null;
    if (!ctx.channel().isOpen()) {
      return;
    }
    if (dueNanos - now() > 0) {
      checkBy(dueNanos);
      return;
    }
    switch (state) {
      case IDLE, LINGERING -> ctx.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      case READING -> {
        waiting.add(new DecodedHead.Refused(Refusal.HEAD_TIMEOUT));
        answerWaiting();
      }
      case ANSWERING -> checkClient(ctx);
    }
  }

  private void checkClient(ChannelHandlerContext ctx) {
    Http1Responder running = responder;
    if (running == null) {
      return;
    }
    long next = pace.look(running.progress(), running.bodyBytesSent(), now());
    if (next == ClientPace.TOO_SLOW) {
      exchanges.clientTooSlow();
      Aborts.reset(ctx.channel());
      return;
    }
    dueNanos = next;
    checkBy(dueNanos);
  }

  private long limitNanos(State of) {
    return switch (of) {
      case IDLE -> limits.keepAliveTimeout().toNanos();
      case READING -> limits.headerReadTimeout().toNanos();
      case ANSWERING -> limits.clientWriteTimeout().toNanos();
      case LINGERING -> LINGER_NANOS;
    };
  }

  private long now() {
    return ctx().executor().ticker().nanoTime();
  }

  private ChannelHandlerContext ctx() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not active yet");
    }
    return ctx;
  }
}
