package dev.millrace.origin;

import dev.millrace.config.Limits;
import dev.millrace.fill.BodyEnd;
import dev.millrace.fill.FetchFlow;
import dev.millrace.fill.FetchHead;
import dev.millrace.fill.FetchHead.Framing;
import dev.millrace.fill.FetchSink;
import dev.millrace.observe.FetchFailure;
import dev.millrace.origin.ResponseDecoder.Head;
import dev.millrace.origin.ResponseDecoder.Mark;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on one connection, and the sink's demand for its body.
 *
 * <pre>
 *   HEAD ──► BODY ──► DONE        the sink gets the head, then pieces on demand
 *     └────► DRAIN ─► DONE        a redirect: its body is thrown away
 *   any ────────────► DONE        failed or cancelled
 * </pre>
 *
 * <p>A message ends when all of the read that brought its end has been looked at, because bytes
 * behind the announced end belong to the judgement.
 *
 * <p>Threading: confined to its connection's loop; {@link #read} and {@link #cancel} hop to it.
 *
 * <p>Ownership: pieces go to the sink at once; nothing is kept.
 */
final class Exchange implements FetchFlow {
  private enum State {
    /** The head is awaited; reads happen by themselves. */
    HEAD,
    /** The sink has the head; reads happen on demand. */
    BODY,
    /** The body of a redirect is read to keep the connection. */
    DRAIN,
    /** Nothing is told to anybody any more. */
    DONE
  }

  private final OriginConnection connection;
  private final OriginFetch fetch;
  private final FetchSink sink;
  private final Pace pace;
  private State state = State.HEAD;
  private Framing framing = Framing.NONE;
  private boolean keepAlive;
  private long left;
  private boolean granted;
  private boolean issued;
  private boolean brought;
  private boolean ended;
  private @Nullable Mark surplus;
  private @Nullable Future<?> timer;

  Exchange(OriginConnection connection, OriginFetch fetch, FetchSink sink, Pace pace) {
    this.connection = connection;
    this.fetch = fetch;
    this.sink = sink;
    this.pace = pace;
  }

  /** Sends the request. Ownership: takes the head's buffer. */
  void start(ByteBuf request, boolean headOnly, long headTimeoutNanos) {
    timer =
        loop()
            .schedule(
                () -> fail(FetchFailure.HEAD_TIMEOUT, "no response head in time"),
                headTimeoutNanos,
                TimeUnit.NANOSECONDS);
    connection.send(this, request, headOnly);
  }

  @Override
  public EventLoop loop() {
    return connection.loop();
  }

  @Override
  public void read() {
    if (loop().inEventLoop()) {
      grant();
    } else {
      loop().execute(this::grant);
    }
  }

  @Override
  public void cancel() {
    if (loop().inEventLoop()) {
      drop();
    } else {
      loop().execute(this::drop);
    }
  }

  void head(Head head) {
    assert state == State.HEAD;
    connection.meter().shut();
    framing = head.framing();
    left = head.framing() == Framing.LENGTH ? head.length() : 0;
    keepAlive = framing != Framing.CLOSE && HttpUtil.isKeepAlive(head.response());
    String refusal = fetch.refuse(head);
    if (refusal != null) {
      fail(FetchFailure.BAD_MESSAGE, refusal);
      return;
    }
    if (fetch.redirects(head)) {
      state = State.DRAIN;
      boolean unbounded = framing == Framing.CLOSE || left > Limits.REDIRECT_DRAIN_BYTES;
      left = Limits.REDIRECT_DRAIN_BYTES;
      if (unbounded) {
        drained(false);
      }
      return;
    }
    state = State.BODY;
    stopTimer();
    sink.onHead(
        new FetchHead(
            head.response().status().code(), head.response().headers(), head.length(), framing),
        this);
  }

  void piece(ByteBuf piece) {
    int bytes = piece.readableBytes();
    switch (state) {
      case BODY -> {
        brought = true;
        left -= bytes;
        pace.received(bytes, fetch.nanos());
        fetch.received(bytes);
        sink.onBody(piece);
      }
      case DRAIN -> {
        piece.release();
        left -= bytes;
      }
      case HEAD, DONE -> piece.release();
    }
  }

  void mark(Mark mark) {
    if (mark == Mark.END) {
      ended = true;
    } else {
      surplus = mark;
    }
  }

  void readComplete() {
    switch (state) {
      case HEAD -> connection.channel().read();
      case BODY -> bodyReadComplete();
      case DRAIN -> {
        if (ended) {
          drained(keepAlive && surplus == null);
        } else if (left <= 0) {
          drained(false);
        } else {
          connection.meter().allow(Limits.ORIGIN_HEAD_READ_BYTES);
          connection.channel().read();
        }
      }
      case DONE -> {
        // The connection is closing.
      }
    }
  }

  /** Breaks the exchange off, once; the connection is closed. */
  void fail(FetchFailure reason, String detail) {
    if (state == State.DONE) {
      return;
    }
    State before = state;
    // A used connection that dies before it says anything was dead when it was taken.
    boolean stale = connection.isUsed() && !connection.hasResponseBegun();
    done(false);
    if (before == State.DRAIN) {
      fetch.drained();
    } else {
      fetch.failed(reason, detail, stale);
    }
  }

  private void bodyReadComplete() {
    if (ended) {
      bodyEnded();
      return;
    }
    if (!granted) {
      return;
    }
    // A read that was allowed while the head's own was handed on, or that brought framing only.
    if (!issued || !brought) {
      issue();
      return;
    }
    granted = false;
    issued = false;
    sink.onReadComplete();
  }

  private void bodyEnded() {
    if (framing == Framing.LENGTH && surplus == Mark.SURPLUS) {
      fail(FetchFailure.EXTRA_BYTES, "bytes behind the announced end");
      return;
    }
    if (framing == Framing.CLOSE && !connection.isEndCredible()) {
      fail(FetchFailure.CLOSED_EARLY, "the connection was cut without the end of its TLS session");
      return;
    }
    BodyEnd end =
        switch (framing) {
          case NONE -> BodyEnd.NONE;
          case LENGTH -> surplus == null ? BodyEnd.LENGTH_MET : BodyEnd.LENGTH_MET_UNSOLICITED;
          case CHUNKED -> BodyEnd.LAST_CHUNK;
          case CLOSE -> BodyEnd.CLOSED;
        };
    done(keepAlive && surplus == null);
    sink.onEnd(end);
  }

  private void drained(boolean clean) {
    done(clean);
    fetch.drained();
  }

  private void done(boolean clean) {
    state = State.DONE;
    stopTimer();
    connection.finish(this, clean);
  }

  private void drop() {
    if (state == State.BODY) {
      done(false);
    }
  }

  private void grant() {
    if (state != State.BODY) {
      // The sink could not know yet that the fetch has ended.
      return;
    }
    assert !granted : "a read was allowed twice";
    granted = true;
    if (timer == null) {
      timer = schedule(pace.nextNanos(fetch.nanos()));
    }
    if (!connection.isReading()) {
      issue();
    }
  }

  private void issue() {
    if (!issued) {
      // Not again for a read that brought framing only: that is no progress.
      pace.waitFrom(fetch.nanos());
    }
    issued = true;
    brought = false;
    connection.meter().allow(readBytes());
    connection.channel().read();
  }

  /**
   * How much the next read asks for. A body's last read has to have room for bytes behind the end,
   * or they would go unseen; and a small rest needs no large buffer.
   */
  private int readBytes() {
    int most = Limits.READ_BUFFER_BYTES - connection.meter().heldBytes();
    if (connection.isSecure()) {
      // A record that began in the last read comes on top of this one.
      most -= Limits.TLS_RECORD_BYTES;
    }
    if (framing != Framing.LENGTH || left > most) {
      return most;
    }
    int room = connection.isSecure() ? Limits.TLS_RECORD_BYTES : Limits.ORIGIN_WATCH_BYTES;
    long wanted = left + room;
    return wanted <= most ? (int) wanted : most / 2;
  }

  private Future<?> schedule(long delayNanos) {
    // The loop's clock and ours may differ by a little: never spin on the difference.
    long delay = Math.max(delayNanos, TimeUnit.MILLISECONDS.toNanos(1));
    return loop().schedule(this::checkPace, delay, TimeUnit.NANOSECONDS);
  }

  private void checkPace() {
    if (state != State.BODY) {
      return;
    }
    long now = fetch.nanos();
    FetchFailure reason = pace.judge(now);
    if (reason == null) {
      timer = schedule(pace.nextNanos(now));
      return;
    }
    fail(
        reason,
        reason == FetchFailure.TOO_SLOW
            ? "the body comes slower than allowed"
            : "no byte of the body in time");
  }

  private void stopTimer() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }
}
